"""What is told after a fault of the program itself."""

from pandium_tui.crash import Crash
from pandium_tui.widgets.notice import Notice

UPGRADED = "Was it upgraded while it was open? Then leave it and start it again: old and new parts do not fit together."


class CrashNotice(Notice):
    """Lies over the page that was there before."""

    def __init__(self, crash: Crash) -> None:
        super().__init__(
            f"pandium-tui made a mistake and began again ({crash.error} in {crash.place}).",
            [
                "The last page is shown again behind this. What was typed and not saved is a draft: its form has it "
                "again, where it keeps one.",
                *([UPGRADED] if crash.error in ("ImportError", "ModuleNotFoundError") else []),
                "The store is as it was, and runs and builds go on.",
                f"{crash.report} Only you can read it. It has no values of variables, but the error's own words: "
                "look through it before you give it away with a bug report.",
            ],
        )
