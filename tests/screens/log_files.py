"""Log files as the supervisor writes them, opening a page, and waiting for what it makes of them."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from textual.css.query import NoMatches
from textual.pilot import Pilot

from pandium_tui.app import PandiumApp
from pandium_tui.screens.page import Page
from pandium_tui.widgets.facts import Facts
from pandium_tui.widgets.status_line import StatusLine

TIME = "2026-11-24T06:23:01.123Z"


def record(text: str, mark: str = "err", moment: str = TIME) -> bytes:
    """A record of a log."""
    return f"{moment} {mark} {text}\n".encode()


def add_lines(folder: Path, count: int, *, start: int = 0) -> None:
    """Append numbered records to the log in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "log").open("ab") as file:
        file.write(b"".join(record(f"line {number}") for number in range(start, start + count)))


async def wait_until(
    pilot: Pilot[None], condition: Callable[[], bool], seconds: float = 30, *, every: float = 0.01
) -> None:
    """Let the app go on until the condition holds, which is looked at ``every`` so many seconds.

    A page that was just opened has no widgets yet: whatever is asked of them does not hold.
    """
    deadline = time.monotonic() + seconds
    while True:
        with suppress(NoMatches):
            if condition():
                return
        assert time.monotonic() < deadline, "it did not come"
        await pilot.pause()
        await asyncio.sleep(every)


def offered_keys(app: PandiumApp) -> set[str]:
    """The keys that do something on the page on top."""
    return {key for key, active in app.screen.active_bindings.items() if active.enabled}


async def open_page(pilot: Pilot[None], app: PandiumApp, page: Page) -> None:
    """Open a page and wait until everything on it is there."""
    await wait_until(pilot, lambda: app.overview is not None)
    await app.push_screen(page)
    await wait_until(
        pilot,
        lambda: (
            bool(page.query_one(Facts).facts)
            and bool(str(page.query_one(StatusLine).content))
            and not any(worker.group == "renew" and worker.is_running for worker in app.workers)
        ),
    )
