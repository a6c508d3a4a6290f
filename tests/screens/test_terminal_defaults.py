"""What is made of the terminal's environment before Textual reads it."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("given", "colours"),
    [({}, None), ({"STY": "1.x"}, "256"), ({"STY": "1.x", "TEXTUAL_COLOR_SYSTEM": "truecolor"}, "truecolor")],
)
def test_gnu_screen_gets_colours_that_every_version_knows(given: dict[str, str], colours: str | None) -> None:
    program = "import os, pandium_tui.terminal_defaults; print(os.environ.get('TEXTUAL_COLOR_SYSTEM'))"
    environment = {name: value for name, value in os.environ.items() if name not in ("STY", "TEXTUAL_COLOR_SYSTEM")}
    done = subprocess.run(
        [sys.executable, "-c", program], env={**environment, **given}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(colours)
