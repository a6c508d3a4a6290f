"""What is told after a fault of the program itself."""

from pandium_tui.crash import Crash
from pandium_tui.widgets.notice import Notice

UPGRADED = "pandium-tui was upgraded to {version} while it was open: leave it and start it again."
PERHAPS_UPGRADED = "Was it upgraded while it was open? Then leave it and start it again."
PAGE_BEHIND = "The page that was open, or that it was opened from, is shown behind this."
PAGE_FAILED = "The page that was open failed at once; the page before it is shown behind this."


class CrashNotice(Notice):
    """Lies over the page that was there before."""

    def __init__(self, crash: Crash) -> None:
        upgrade = UPGRADED.format(version=crash.upgraded_to) if crash.upgraded_to else ""
        if not upgrade and crash.error in ("ImportError", "ModuleNotFoundError"):
            upgrade = PERHAPS_UPGRADED
        super().__init__(
            f"pandium-tui made a mistake and began again ({crash.error} in {crash.place}).",
            [
                *([upgrade] if upgrade else []),
                PAGE_FAILED if crash.page_failed else PAGE_BEHIND,
                "What was typed and not saved is a draft: its form has it again, where it keeps one.",
                "The store is as it was, and runs and builds go on.",
                f"{crash.report} Only you can read it. It has no values of variables, but the error's own words: "
                "look through it before you give it away with a bug report.",
            ],
        )
