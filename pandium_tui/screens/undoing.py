"""``u``: take back what was done last."""

from typing import TYPE_CHECKING

from pandium_tui.hub.errors import RefusedError
from pandium_tui.hub.undo import Undone, newest_act, undo
from pandium_tui.screens.bulk import lines_of
from pandium_tui.widgets.confirm import Confirm

if TYPE_CHECKING:
    from pandium_tui.screens.page import Page


async def undo_last(page: "Page") -> None:
    """Take back the last act of this session at once; what was done before it, after a question."""
    act = await page.read(newest_act, page.store, page.actor)
    if act is None:
        page.tell("There is nothing to undo. What can be: archive, restore, pause, resume, moves, schedule options.")
        return
    if not act.this_session:
        planned = await page.do(undo, page.store, act.act, page.actor, dry_run=True)
        if planned is None or not await _agreed(page, planned):
            return
    undone = await page.do(undo, page.store, act.act, page.actor)
    if undone is not None:
        if any(change.problem for change in undone.changes):
            page.tell_error(RefusedError(undone.words))
        else:
            page.tell(undone.words)
        page.pandium.renew_status_line()


async def _agreed(page: "Page", planned: Undone) -> bool:
    when = page.when.both(planned.act.date)
    affected = [line for change in planned.changes for line in lines_of(change)]
    question = Confirm(f"Undo {planned.act.what}, done {when}?", affected, yes="Undo")
    agreed: bool = await page.app.push_screen_wait(question)
    return agreed
