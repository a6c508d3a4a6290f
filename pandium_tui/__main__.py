"""``python -m pandium_tui`` and the ``pandium-tui`` command."""

from pandium_tui.cli.main import main

if __name__ == "__main__":
    main()
