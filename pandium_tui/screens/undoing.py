"""``u``: take back what was done last."""

from typing import TYPE_CHECKING

from pandium_tui.hub.errors import RefusedError
from pandium_tui.hub.undo import Act, newest_acts, undo
from pandium_tui.screens.bulk import lines_of
from pandium_tui.widgets.confirm import Confirm

if TYPE_CHECKING:
    from pandium_tui.screens.page import Page


async def undo_last(page: "Page") -> None:
    """Take back what this person did last: at once when it was done here, after a question when elsewhere.

    When that one shall stay, what was done here last is asked about.
    """
    offered = await page.fetch(newest_acts, page.store, page.actor)
    if not offered:
        page.tell("There is nothing to undo. What can be: pandium-tui help tenants, Taking it back.")
    for act in offered:
        if (act is offered[0] and act.this_session) or await _agreed(page, act):
            await _undo(page, act)
            return


async def _undo(page: "Page", act: Act) -> None:
    undone = await page.do(undo, page.store, act.act, page.actor)
    if undone is not None:
        if any(change.problem for change in undone.changes):
            page.tell_error(RefusedError(undone.words))
        else:
            page.tell(undone.words)
        page.pandium.renew_status_line()


async def _agreed(page: "Page", act: Act) -> bool:
    planned = await page.do(undo, page.store, act.act, page.actor, dry_run=True)
    if planned is None:
        return False
    where = "here" if act.this_session else "by a command" if act.is_by_command else "in another session"
    affected = [line for change in planned.changes for line in lines_of(change)]
    question = Confirm(f"Undo {act.what}, done {where} {page.when.both(act.date)}?", affected, yes="Undo", no="Keep it")
    agreed: bool = await page.app.push_screen_wait(question)
    return agreed
