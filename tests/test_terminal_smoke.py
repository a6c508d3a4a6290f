"""The real program in a real tmux, as a person has it: what is on the screen, and what is left behind."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pandium_tui.hub import integrations
from pandium_tui.hub.demo import data_folder, make_sample_repository
from pandium_tui.hub.integrations import IntegrationValues
from pandium_tui.storage.database import Store
from pandium_tui.widgets.clipboard import given_to_tmux
from tests.scenario import ACTOR
from tests.waiting import wait_for

pytestmark = pytest.mark.skipif(
    shutil.which("tmux") is None, reason="NOT TESTED: the app in a real tmux, for tmux is not installed"
)

STATE = "#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{pane_dead}"
IN_THE_APP = "1 0 1 0"
IN_THE_SHELL = "0 1 0 0"


class Tmux:
    """A tmux server with one window, and a shell in it."""

    def __init__(self, folder: Path) -> None:
        self._command = ["tmux", "-u", "-S", str(folder / "tmux"), "-f", os.devnull]
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "PS1": "shell> ", "TERM": "xterm-256color"}
        for name in ("TMUX", "NO_COLOR", "SSH_CONNECTION", "SSH_TTY", "COLUMNS", "LINES"):
            environment.pop(name, None)
        shell = ["bash", "--norc", "--noprofile"]
        subprocess.run(
            [*self._command, "new-session", "-d", "-x", "80", "-y", "24", *shell], env=environment, check=True
        )

    def ask(self, *arguments: str) -> str:
        """What a tmux command answers."""
        return subprocess.run([*self._command, *arguments], capture_output=True, text=True, check=True).stdout

    def type(self, text: str) -> None:
        """A line for the shell."""
        self.ask("send-keys", "-l", text)
        self.ask("send-keys", "Enter")

    def press(self, *keys: str) -> None:
        """Keys by their tmux names."""
        self.ask("send-keys", *keys)

    def resize(self, columns: int, lines: int) -> None:
        self.ask("resize-window", "-x", str(columns), "-y", str(lines))

    def screen(self) -> str:
        return self.ask("capture-pane", "-p")

    def shows(self, *texts: str) -> None:
        """Wait until all of the texts are on the screen."""
        self._wait(lambda shown: all(text in shown for text in texts), f"{texts}")

    def shows_no_more(self, text: str) -> None:
        self._wait(lambda shown: text not in shown, f"screen without {text}")

    def is_filled(self, columns: int, lines: int) -> None:
        """Wait until the title ends at the right edge and the keys are on the last line."""

        def look(shown: str) -> bool:
            rows = shown.rstrip("\n").split("\n")
            return len(rows) == lines and 0 <= columns - len(rows[0]) < 5 and "Back" in rows[-1]

        self._wait(look, f"app of {columns}x{lines}")

    def _wait(self, look: Callable[[str], bool], what: str) -> None:
        shown = ""

        def seen() -> bool:
            nonlocal shown
            shown = self.screen()
            return look(shown)

        try:
            wait_for(seen, what)
        except AssertionError as error:
            raise AssertionError(f"{error}, but:\n{shown}") from None

    def is_in(self, state: str) -> None:
        """Wait until alternate screen, cursor and mouse are as they belong."""
        wait_for(lambda: self.ask("display-message", "-p", STATE).strip() == state, f"terminal in the state {state}")

    def signal_program(self, number: int) -> None:
        """Send a signal to what the shell runs."""
        shell = self.ask("display-message", "-p", "#{pane_pid}").strip()
        (program,) = Path(f"/proc/{shell}/task/{shell}/children").read_text(encoding="ascii").split()
        os.kill(int(program), number)


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    opened = Tmux(tmp_path)
    yield opened
    opened.ask("kill-server")


@pytest.fixture
def command(store: Store) -> str:
    """What starts the app on a store with the bundled sample."""
    data_folder(store.settings.home).mkdir()
    repository = make_sample_repository(store.settings.home)
    integrations.create_integration(store, IntegrationValues("contact-sync", repository_url=str(repository)), ACTOR)
    return shlex.join([sys.executable, "-m", "pandium_tui", "--home", str(store.settings.home)])


def test_a_person_uses_it_and_has_the_terminal_back(tmux: Tmux, command: str) -> None:
    tmux.shows("shell>")
    tmux.type("export COLUMNS=80 LINES=24")  # the app follows the terminal all the same
    tmux.type(f"{command}; echo left with $?")
    tmux.shows("contact-sync", "Scheduler on")
    tmux.is_in(IN_THE_APP)
    tmux.press("Enter")
    tmux.shows("Repository", "No release yet", "v: next view")
    tmux.press("4")
    tmux.shows("runs get no PAN_SEC_ variables")
    tmux.press("?")
    tmux.shows("One row up")
    tmux.press("Escape")
    tmux.shows("runs get no PAN_SEC_ variables")
    tmux.press("C-p")
    tmux.shows("Search for commands", "Add a connector")
    tmux.press("Escape")
    tmux.shows_no_more("Search for commands")
    tmux.press("1")
    tmux.shows("No release yet", "v: next view")
    for columns, lines in ((120, 40), (60, 20)):
        tmux.resize(columns, lines)
        tmux.is_filled(columns, lines)
    tmux.shows("No release yet", "v: next view")
    tmux.press("C-z")
    tmux.shows("Stopped", "shell>")
    tmux.is_in(IN_THE_SHELL)
    tmux.type("fg; echo left with $?")
    tmux.shows("No release yet", "v: next view")
    tmux.is_in(IN_THE_APP)
    tmux.press("q")
    tmux.shows("left with 0")
    tmux.is_in(IN_THE_SHELL)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_and_gives_the_terminal_back(tmux: Tmux, command: str, number: signal.Signals) -> None:
    tmux.shows("shell>")
    tmux.type(f"{command}; echo left with $?")
    tmux.shows("contact-sync", "Scheduler on")
    tmux.is_in(IN_THE_APP)
    tmux.signal_program(number)
    tmux.shows("left with 0")
    tmux.is_in(IN_THE_SHELL)


def test_a_tmux_that_nobody_configured_takes_what_is_copied(tmux: Tmux) -> None:
    tmux.shows("shell>")
    inside = {**os.environ, "TMUX": tmux.ask("display-message", "-p", "#{socket_path},#{pid},0").strip()}
    assert given_to_tmux("grüße\n-n $HOME", inside)
    assert tmux.ask("show-buffer") == "grüße\n-n $HOME"
    assert not given_to_tmux("nobody there", {**inside, "TMUX": "/nowhere,1,0"})
    assert not given_to_tmux("no tmux", {**inside, "TMUX": ""})
