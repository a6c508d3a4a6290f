"""From a home folder to the app, and from one app to the next when one leaves because of a fault of its own."""

import os
import sys
from dataclasses import replace
from pathlib import Path

from pandium_tui.app import PandiumApp
from pandium_tui.log_file import log_to_file
from pandium_tui.looks import is_unicode
from pandium_tui.settings import Settings, SettingsError, load_settings
from pandium_tui.storage.database import Store, open_store
from pandium_tui.storage.errors import StoreError
from pandium_tui.terminal_watch import has_terminal, watch_terminal
from pandium_tui.text import visible_block


def open_app(home: Path | None) -> int:
    """Open the store of a home folder and run the app until the person leaves.

    Args:
        home: None for what the environment says, else the usual folder.

    Returns:
        The exit status: 2 for settings that cannot be used or where there is no terminal, 1 for a store that cannot
        be used or for faults that do not end; the reason is on stderr.
    """
    if not has_terminal():
        sys.stderr.write(
            "pandium-tui: the app needs a terminal, and here is none (ssh gives one with -t). "
            "The commands need none: pandium-tui status, pandium-tui --help.\n"
        )
        return 2
    try:
        settings = load_settings(home)
        store = open_store(settings)
    except (SettingsError, StoreError) as error:
        sys.stderr.write(f"pandium-tui: {visible_block(str(error))}\n")
        return 2 if isinstance(error, SettingsError) else 1
    log_to_file(settings)
    terminal = _Terminal(settings, store)
    try:
        status = terminal.run()
    finally:
        store.close()
        store.truncate_log()
        _settle_output()
    if terminal.next_command is not None:
        program = [sys.executable, "-m", "pandium_tui", "--home", str(settings.home), terminal.next_command]
        os.execv(sys.executable, program)  # noqa: S606 - no shell is the point
    return status


class _Terminal:
    """The terminal and the app on it.

    A fault ends an app, for what it left half done cannot be trusted; a new one shows the same page and tells it. A
    fault that comes at once, before anything was pressed, is in the page: then the page before it is shown.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._app: PandiumApp | None = None
        self._gone = False

    @property
    def next_command(self) -> str | None:
        """The command that the app was left for, if it was."""
        return None if self._app is None else self._app.next_command

    def run(self) -> int:
        """Show the app until the person leaves; the exit status."""
        watch_terminal(self._leave, self._last_wish)
        characters = self._settings.characters
        ascii_only = characters == "ascii" or (characters == "auto" and not is_unicode(os.environ))
        app: PandiumApp | None = None
        while True:
            self._app = app = PandiumApp(self._settings, self._store, before=app, ascii_only=ascii_only)
            try:
                app.run()
            finally:
                app.engine.stop()
                app.drafts.write()
            crash = app.crash
            if crash is None or self._gone:
                return app.return_code or 0
            if app.came_up:
                continue
            app.crash = replace(crash, page_failed=True)
            if not _forget_page(app):
                sys.stderr.write(
                    f"pandium-tui left because of a mistake of its own ({crash.error} in {crash.place}). "
                    f"{crash.report} The store is as it was, and runs go on.\n"
                )
                return 1

    def _leave(self) -> None:
        self._gone = True
        if self._app is not None:
            self._app.leave_from_thread()

    def _last_wish(self) -> None:
        if self._app is not None:
            self._app.drafts.write()
            self._app.engine.stop()


def _forget_page(app: PandiumApp) -> bool:
    """Let the next app come back to the page before this one; False when there is none before home."""
    pages = app.memory.recall("pages", list)
    app.memory.keep("pages", (pages or [])[:-1])
    return bool(pages)


def _settle_output() -> None:
    """What could not be written to a terminal that is gone must not turn the exit status into an error."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
