"""What Check found: where branch and path lead, and the problems of the manifest there."""

from rich.text import Text
from textual.widgets import Static

from pandium_tui.hub.repository_check import RepositoryCheck
from pandium_tui.text import shortened, visible

SHOWN = 20
"""Problems shown; a check of the file itself shows all."""


class CheckResult(Static):
    """Progress while it goes on, then the result; empty when it is about other values than those that stand there."""

    DEFAULT_CSS = """
    CheckResult { height: auto; padding: 0 1; margin-bottom: 1; }
    """

    def __init__(self) -> None:
        super().__init__(id="check-result", markup=False)
        self.display = False

    def show_progress(self, line: str) -> None:
        """What git says; outside text."""
        self._show(Text(f"… {shortened(visible(line), 70)}", style="dim"))

    def show_failure(self, sentence: str) -> None:
        """Why there is no result."""
        self._show(Text(f"✗ {visible(sentence)}", style="red"))

    def show_result(self, found: RepositoryCheck) -> None:
        """Commit and problems."""
        text = Text(f"✓ {visible(found.branch)} is at {found.commit[:12]}, {found.date:%Y-%m-%d %H:%M} UTC: ", "green")
        text.append(f"{visible(found.subject)} ({visible(found.author)})\n", "")
        file = visible(found.file)
        for one in found.problems[:SHOWN]:
            style = "red" if one.severity == "error" else "yellow"
            mark = "✗" if one.severity == "error" else "!"
            text.append(f"{mark} {file}:{one.line}:{one.column}: {one.severity}: {visible(one.message)}\n", style)
        if len(found.problems) > SHOWN:
            text.append(f"… and {len(found.problems) - SHOWN} more problems\n")
        errors = sum(one.severity == "error" for one in found.problems)
        if errors:
            text.append(f"A build of it would fail: correct the {errors} error{'s'[: errors > 1]} first.", "red")
        else:
            text.append(f"✓ {file} can be built.", "green")
        self._show(text)

    def clear(self) -> None:
        """Show nothing."""
        self._show(Text())

    def _show(self, text: Text) -> None:
        self.update(text)
        self.display = bool(text.plain)
