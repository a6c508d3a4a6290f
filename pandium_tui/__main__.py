"""``python -m pandium_tui`` and the ``pandium-tui`` command."""

import gc
import os
import sys
from pathlib import Path


def main() -> None:
    """Open the app, or run the command that was given, and exit with its status."""
    # Whatever is written is nobody else's.
    os.umask(0o077)
    for argument in sys.argv:
        if any("\udc80" <= character <= "\udcff" for character in argument):
            sys.stderr.write(f"pandium-tui: {argument.encode('utf-8', 'backslashreplace').decode()}: not UTF-8 text\n")
            sys.exit(2)
    match sys.argv[1:]:
        # What people type most is not kept waiting for the import of every command. A shell that completes a command
        # gives no arguments either: it says in a variable what it wants.
        case [] if "_PANDIUM_TUI_COMPLETE" not in os.environ:
            home = None
        case ["--home", folder]:
            home = Path(folder)
        case _:
            from pandium_tui.cli.main import app

            app(prog_name="pandium-tui")
            return
    # Imports make a lot that lasts: looking through it for garbage takes a sixth of the start. The app looks later.
    gc.disable()
    from pandium_tui.opening import open_app

    sys.exit(open_app(home))


if __name__ == "__main__":
    main()
