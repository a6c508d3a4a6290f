"""pandium-tui: Pandium's Integration Hub for internal integrations, in a terminal."""

__version__ = "0.1.0"
