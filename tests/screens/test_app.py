"""What the app does around its pages."""

import fcntl
import os
import pty
import select
import shutil
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import select as choose
from textual.widgets import OptionList, Static, TabbedContent

from pandium_tui.app import PandiumApp
from pandium_tui.crash import Crash
from pandium_tui.hub.runs import run
from pandium_tui.screens.crash_notice import CrashNotice
from pandium_tui.screens.home import HomePage
from pandium_tui.screens.integration.page import IntegrationPage
from pandium_tui.screens.leave import LeaveScreen, cancel_all, going_on
from pandium_tui.settings import Settings
from pandium_tui.storage.database import Store
from pandium_tui.storage.tables import ActivityRow, RunRow
from pandium_tui.terminal_watch import STATUS
from pandium_tui.widgets.banner import Banner
from pandium_tui.widgets.rows import Rows
from tests.screens.filling import ago, app_on, fill
from tests.screens.log_files import wait_until
from tests.screens.test_widgets import screen_text


def end_runs(store: Store) -> None:
    with store.writing() as session:
        for row in session.exec(choose(RunRow).where(RunRow.phase == "Running")):
            row.phase = "Succeeded"


def tab_of(app: PandiumApp) -> str:
    return next((tabs.active for tabs in app.screen.query(TabbedContent)), "")


async def test_q_leaves_when_nothing_goes_on(store: Store) -> None:
    app = app_on(store)
    async with app.run_test() as pilot:
        await pilot.press("q")
        await wait_until(pilot, lambda: not app.is_running)
    assert app.return_code == 0


@pytest.mark.parametrize("keys", [["enter"], ["down", "enter"], ["down", "down", "down", "enter"], ["escape"]])
async def test_leaving_asks_what_shall_become_of_runs(store: Store, keys: list[str]) -> None:
    fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count == 3)
        await pilot.press("q")
        await wait_until(pilot, lambda: isinstance(app.screen, LeaveScreen))
        assert "run 3  crm-sync/acme  Running" in screen_text(app)
        await pilot.press(*keys)
        if keys == ["down", "enter"]:  # wait
            await wait_until(pilot, lambda: "Waiting; choose Cancel" in screen_text(app))
            end_runs(store)
        stays = keys[-1] == "escape" or len(keys) == 4
        await wait_until(pilot, lambda: isinstance(app.screen, HomePage) if stays else not app.is_running)
    assert run(store, 3).phase == ("Succeeded" if keys == ["down", "enter"] else "Running")


async def test_waiting_can_be_given_up(store: Store) -> None:
    fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count == 3)
        await pilot.press("ctrl+q")
        await wait_until(pilot, lambda: isinstance(app.screen, LeaveScreen))
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: "Waiting; choose Cancel" in screen_text(app))
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, HomePage))
        assert app.is_running


async def test_waiting_can_turn_into_cancelling(store: Store) -> None:
    fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count == 3)
        await pilot.press("q")
        await wait_until(pilot, lambda: isinstance(app.screen, LeaveScreen))
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: "Waiting; choose Cancel" in screen_text(app))
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: run(store, 3).cancel_requested_by is not None)
        assert app.screen.query_one(OptionList).disabled
        end_runs(store)
        await wait_until(pilot, lambda: not app.is_running)


def test_cancelling_reaches_every_run_and_build(store: Store) -> None:
    fill(store)
    app = app_on(store)
    active = going_on(store)
    assert [(one.kind, one.id, one.name) for one in active] == [("run", 3, "crm-sync/acme")]
    cancel_all(store, app.actor, active)
    assert run(store, 3).cancel_requested_by or run(store, 3).phase == "Cancelled"
    end_runs(store)
    cancel_all(store, app.actor, active)  # has ended: nothing to tell
    assert going_on(store) == []


async def test_a_page_under_a_question_is_not_painted(store: Store) -> None:
    fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        rows = app.screen.query_one(Rows)
        await wait_until(pilot, lambda: rows.row_count == 3)
        await pilot.press("q")
        await wait_until(pilot, lambda: isinstance(app.screen, LeaveScreen))
        end_runs(store)
        await wait_until(pilot, lambda: app.overview is not None and app.overview.running == 0)
        assert rows.get_row("1")[5].plain == "1 running"
        await pilot.press("escape")
        await wait_until(pilot, lambda: rows.get_row("1")[5].plain != "1 running")


async def test_the_next_start_comes_back_to_the_page_and_the_tab(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count == 3)
        await pilot.press("j", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, IntegrationPage) and app.screen.is_mounted)
        await pilot.press("v", "2")
        await wait_until(pilot, lambda: tab_of(app) == "configure")
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: tab_of(app) == "configure")
        assert [page.place for page in app.screen_stack[1:]] == [("integration", filled.integration_id)]
        assert "[Tenants" in str(app.screen.query_one("#views", Static).content)
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, HomePage))
    app = app_on(store)
    app.memory.keep("pages", [["integration", filled.integration_id], ["tenant", 999], ["run", 1]])
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, IntegrationPage))  # tenant 999 is gone
        await wait_until(pilot, lambda: app.memory.recall("pages", list) == [["integration", filled.integration_id]])


async def test_a_lost_store_is_told_and_used_again_when_it_is_back(store: Store, settings: Settings) -> None:
    fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        rows = app.screen.query_one(Rows)
        await wait_until(pilot, lambda: rows.row_count == 3)
        aside = settings.store_file.with_name("aside.db")
        store.truncate_log()
        settings.store_file.rename(aside)
        await wait_until(pilot, lambda: "no such file now" in screen_text(app))
        await pilot.press("a")  # the app can be used meanwhile
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, IntegrationPage))
        await wait_until(pilot, lambda: "no such file now" in screen_text(app))
        shutil.copy(aside, settings.store_file)
        await wait_until(pilot, lambda: not app.screen.query_one(Banner).display)
        with store.writing() as session:
            session.add(ActivityRow(created_date=ago(hours=1), actor="x", action="y"))
        await pilot.press("escape")
        await wait_until(pilot, lambda: rows.row_count == 4)


class CrashError(Exception):
    pass


async def test_a_crash_fails_a_test_and_what_is_told_of_it_has_no_values(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "__init__.py").write_text('__version__ = "9.1"\n')
    monkeypatch.setattr("pandium_tui.crash.PACKAGE", tmp_path)
    monkeypatch.setattr("pandium_tui.app.UP_AFTER", 0.01)

    class CrashingApp(PandiumApp):
        def action_crash(self) -> None:
            secret = "hunter" + "2" * 3
            raise CrashError(str(len(secret)))

    app = CrashingApp(store.settings, store, embedded_engine=False)
    with pytest.raises(CrashError):
        async with app.run_test() as pilot:
            await wait_until(pilot, lambda: app.came_up)  # without a key
            app.call_later(app.action_crash)
            await wait_until(pilot, lambda: not app.is_running)
    assert app.crash is not None
    assert (app.crash.error, app.crash.upgraded_to) == ("CrashError", "9.1")
    (report,) = store.settings.home.glob("crash-*.txt")
    assert str(report) in app.crash.report
    assert "hunter222" not in f"{app.crash} {report.read_text()}"
    assert "raise CrashError" in report.read_text()
    assert report.stat().st_mode & 0o777 == 0o600


CRASHES = """
from pandium_tui.screens.home import HomePage
from pandium_tui.screens.integration.page import IntegrationPage
def crash(page):
    secret = "hunter" + "2" * 3
    raise LookupError(secret)
async def crash_later(page):
    crash(page)
HomePage.action_accounts = crash
IntegrationPage.show = crash_later
"""


STARTS = b"\x1b[?1049h"
"""What an app writes first. What is told of a fault is painted again and again: only after this it is a new one."""


async def test_a_fault_of_parts_that_do_not_fit_tells_of_an_upgrade(store: Store) -> None:
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        for crash, told in (
            (Crash("ValueError", "screens/release.py, line 12", "There is no report."), "or that it was opened from"),
            (Crash("ImportError", "screens/release.py, line 12", "-"), "Was it upgraded while"),
            (Crash("KeyError", "screens/release.py, line 12", "-", upgraded_to="9.1"), "was upgraded to 9.1 while"),
            (Crash("OSError", "screens/release.py, line 12", "-", page_failed=True), "the page before it is shown"),
        ):
            await app.push_screen(CrashNotice(crash))
            await wait_until(pilot, lambda crash=crash: crash.error in screen_text(app))  # type: ignore[misc]
            assert told in screen_text(app)
            assert "is a draft" in screen_text(app)
            assert ("upgraded" in screen_text(app)) is ("upgraded" in told)


def test_after_a_crash_the_app_goes_on_at_the_last_page_that_can_be_shown(store: Store) -> None:
    fill(store)
    terminal = Terminal(store.settings.home, first=CRASHES)
    terminal.read_until(b"crm-sync")
    terminal.press(b"s")  # a handler of the page
    terminal.read_until_told(starts=1)
    assert b"LookupError" in terminal.output
    terminal.press(b"\x1b")
    terminal.read_until(b"crm-sync")
    terminal.press(b"\r")  # the page that opens cannot be shown, also not a second time
    terminal.read_until_told(starts=2)
    terminal.press(b"\x1b")
    terminal.read_until(b"New integration")
    terminal.read_until(b"Scheduler on")
    assert len(list(store.settings.home.glob("crash-*.txt"))) == 3
    terminal.process.terminate()
    terminal.read_until(b"\x1b[?1049l")
    assert terminal.status() == 0
    assert b"hunter222" not in terminal.everything + terminal.output
    os.close(terminal.handle)


def test_the_way_to_the_first_screen_imports_nothing_heavy() -> None:
    heavy = ("sqlmodel", "sqlalchemy", "alembic", "git", "croniter", "pydantic", "cron_descriptor")
    code = f"import sys, pandium_tui.app; print([name for name in {heavy!r} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


class Terminal:
    """The app in a terminal of its own."""

    def __init__(self, home: Path, *, ignore_hangup: bool = False, first: str = "", shell: bool = False) -> None:
        code = (
            "import fcntl, signal, sys, termios; from pathlib import Path; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
            + ("signal.signal(signal.SIGHUP, signal.SIG_IGN);" if ignore_hangup else "")
            + "from pandium_tui.opening import open_app;"
            + f"exec({first!r});"
            + f"sys.exit(open_app(Path({str(home)!r})))"
        )
        self.handle, inner = pty.openpty()
        fcntl.ioctl(self.handle, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        command = [sys.executable, "-c", code]
        if shell:
            code = "import fcntl, os, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
            code += "os.execvp('bash', ['bash', '--norc', '--noprofile', '-i'])"
        self.process = subprocess.Popen(
            [sys.executable, "-c", code] if shell else command,
            stdin=inner,
            stdout=inner,
            stderr=inner,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", "PS1": "shell>"},
        )
        os.close(inner)
        self.output = b""
        self.everything = b""

    def press(self, keys: bytes) -> None:
        """Type something; what is read from now on came after it."""
        self.everything += self.output
        self.output = b""
        os.write(self.handle, keys)

    def read_until(self, text: bytes) -> None:
        self._read_until(lambda: text in self.output)

    def read_until_told(self, starts: int) -> None:
        """Until an app that began after so many others since the last key tells of a fault."""
        self._read_until(
            lambda: self.output.count(STARTS) == starts and b"made a mistake" in self.output.rpartition(STARTS)[2]
        )

    def _read_until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline, self.output[-2000:]
            if select.select([self.handle], [], [], 0.1)[0]:
                self.output += os.read(self.handle, 65536)

    def read_until_quiet(self) -> None:
        while select.select([self.handle], [], [], 1.5)[0]:
            self.output += os.read(self.handle, 65536)

    def status(self) -> int:
        return self.process.wait(60)


def test_sigterm_gives_the_terminal_back(store: Store) -> None:
    terminal = Terminal(store.settings.home)
    terminal.read_until(b"Scheduler on")
    terminal.process.terminate()
    terminal.read_until(b"\x1b[?1049l")
    assert b"\x1b[?1003l" in terminal.output
    assert terminal.status() == 0
    os.close(terminal.handle)


def test_ctrl_z_gives_the_terminal_to_the_shell_and_fg_takes_it_back(store: Store) -> None:
    terminal = Terminal(store.settings.home, shell=True)
    terminal.read_until(b"shell>")
    modes = termios.tcgetattr(terminal.handle)
    terminal.press(f"{sys.executable} -m pandium_tui --home {store.settings.home}\r".encode())
    terminal.read_until(b"Scheduler on")
    terminal.press(b"\x1a")
    terminal.read_until(b"Stopped")
    terminal.read_until(b"shell>")
    assert b"\x1b[?1049l" in terminal.output
    assert b"\x1b[?1003l" in terminal.output
    terminal.press(b"fg\r")
    terminal.read_until(b"Scheduler on")
    assert b"\x1b[?1049h" in terminal.output
    terminal.press(b"q")
    terminal.read_until(b"shell>")
    assert b"\x1b[?1049l" in terminal.output
    assert termios.tcgetattr(terminal.handle)[:4] == modes[:4]
    terminal.press(b"exit\r")
    assert terminal.status() == 0
    os.close(terminal.handle)


def test_an_idle_app_sends_nothing_also_when_something_unseen_changes(store: Store) -> None:
    terminal = Terminal(store.settings.home)
    terminal.read_until(b"Scheduler on")
    terminal.read_until_quiet()
    with store.writing() as session:
        session.add(ActivityRow(created_date=ago(hours=1), actor="x", action="y"))
    assert not select.select([terminal.handle], [], [], 1.5)[0]
    terminal.process.terminate()
    terminal.read_until(b"\x1b[?1049l")
    assert terminal.status() == 0
    os.close(terminal.handle)


@pytest.mark.parametrize(("ignore_hangup", "statuses"), [(False, {0}), (True, {0, STATUS})])
def test_a_lost_terminal_ends_the_app(store: Store, ignore_hangup: bool, statuses: set[int]) -> None:
    terminal = Terminal(store.settings.home, ignore_hangup=ignore_hangup)
    terminal.read_until(b"Scheduler on")
    os.close(terminal.handle)
    assert terminal.status() in statuses
