"""Taking back what was done: each change that can be is noted in the audit trail with how.

An act is what one decision changed: one tenant, or all that were marked. It is taken back by its own inverse, and only
where nobody changed the same since: neither what it left is different now, nor does the audit trail tell of a change,
not even of one that ended where it began.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from pandium_tui.hub.actor import Actor, TakenBack
from pandium_tui.hub.bulk import Change, change_integrations, change_tenants, move_all
from pandium_tui.hub.errors import HubError, NotFoundError
from pandium_tui.hub.integrations import edit_integration, integration, values_of
from pandium_tui.hub.pausing import engines_pause, pause_engines, resume_engines
from pandium_tui.hub.tenants import tenant
from pandium_tui.storage import activity_queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import LaterChange, ScheduleOption, UndoableChange
from pandium_tui.storage.times import to_text

if TYPE_CHECKING:
    import sqlite3

_SHOWN = 3
_CHANGED_BY = {
    "pause tenant": "paused",
    "resume tenant": "paused",
    "archive tenant": "archived",
    "restore tenant": "archived",
    "move tenant": "release",
    "edit tenant": "",
    "pause integration": "paused",
    "resume integration": "paused",
    "archive integration": "archived",
    "restore integration": "archived",
    "edit integration": "",
    "pause engines": "paused",
    "resume engines": "paused",
    "submit listing": "listing",
    "publish listing": "listing",
    "withdraw listing": "listing",
    "unpublish listing": "listing",
    "edit listing": "listing",
    "import listing": "listing",
}
"""What the actions of the audit trail change of what can be undone; of edits their detail says it."""
_FIELDS = {"integration_release_id": "release", "integration_release_channel": "release"}
"""Fields of an edit that another action changes, too."""
_PAST = {
    "submit": "submitted",
    "publish": "published",
    "withdraw": "taken back",
    "unpublish": "unpublished",
    "import": "imported",
    "pause": "paused",
    "resume": "resumed",
    "archive": "archived",
    "restore": "restored",
    "move": "moved",
    "edit": "edited",
}


@dataclass(frozen=True, slots=True)
class Act:
    """What can be taken back at once.

    Attributes:
        act: its name, for :func:`undo`.
        what: the action as the audit trail calls it.
        actor: who did it, and at which door.
        names: what it changed.
        this_session: whether it was done since this program started.
    """

    act: str
    what: str
    date: datetime
    actor: str
    names: tuple[str, ...]
    this_session: bool

    @property
    def is_by_command(self) -> bool:
        """Whether it was done on the command line."""
        return self.actor.endswith(" (cli)")


@dataclass(frozen=True, slots=True)
class Undone:
    """An act, and what came of taking it back; ``words`` tell it."""

    act: Act
    changes: list[Change]

    @property
    def words(self) -> str:
        """What was taken back of what, and what was not and why."""
        done = [f"{one.name} ({'; '.join((one.effect, *one.attention))})" for one in self.changes if not one.problem]
        refused = [f"{one.name}: {one.problem}" for one in self.changes if one.problem]
        told = (("Undone", done), ("Not undone", refused))
        return " ".join(f"{word} {self.act.what}: {_few(names)}." for word, names in told if names)


def acts(store: Store, actor: Actor) -> list[Act]:
    """What this person did in the app and by commands and can take back, newest first."""
    with store.reading() as reader:
        found = activity_queries.undoable_changes(reader, actor.at_any_door)
    by_name: dict[str, list[UndoableChange]] = {}
    for one in found:
        by_name.setdefault(one.undo["act"], []).append(one)
    return [_act_of(changes, actor) for changes in by_name.values()]


def newest_acts(store: Store, actor: Actor) -> list[Act]:
    """The newest act; when it is not of this session, the newest of this session after it."""
    found = acts(store, actor)
    own = next((one for one in found if one.this_session), None)
    return list(dict.fromkeys([*found[:1], *([] if own is None else [own])]))


def undo(store: Store, act: str, actor: Actor, *, dry_run: bool = False) -> Undone:
    """Take an act back, the last of its changes first; with ``dry_run`` only tell what would be.

    What is refused, because it was changed since or cannot be any more, is not offered again.

    Raises:
        NotFoundError: there is no such act of this person, or it was taken back.
    """
    with store.reading() as reader:
        found = activity_queries.undoable_changes(reader, actor.at_any_door, act)
        later = _later(reader, found)
    if not found:
        raise NotFoundError("There is nothing to undo.")
    changes = [_taken_back(store, one, later[one.id], actor, dry_run) for one in found]
    if not dry_run:
        _forget(store, found)
    return Undone(_act_of(found, actor), changes)


def _act_of(changes: Sequence[UndoableChange], actor: Actor) -> Act:
    newest = changes[0]
    session = newest.undo["session"]
    this_session = bool(session) and session == actor.session
    names = tuple(map(_name, changes))
    return Act(newest.undo["act"], newest.action, newest.created_date, newest.actor, names, this_session)


def _later(reader: "sqlite3.Connection", changes: Sequence[UndoableChange]) -> dict[int, list[LaterChange]]:
    """What changed the same since, of each change by its id."""
    first: dict[int | None, int] = {}
    for one in changes:
        first[one.integration_id] = min(one.id, first.get(one.integration_id, one.id))
    since = {
        integration_id: activity_queries.later_changes(reader, integration_id, after, tuple(_CHANGED_BY))
        for integration_id, after in first.items()
    }
    return {one.id: _of_the_same(one, since[one.integration_id]) for one in changes}


def _of_the_same(change: UndoableChange, since: Sequence[LaterChange]) -> list[LaterChange]:
    """Those that changed the same value; one that was taken back and what did that are none."""
    wanted = _changed_by(change.action, change.undo["of"].replace(" ", "_"))
    after = [one for one in since if one.id > change.id and one.tenant_id == change.tenant_id]
    undone = {one.undoes for one in after if (one.undoes or 0) > change.id}
    return [
        one
        for one in after
        if one.id not in undone and one.undoes not in undone and wanted & _changed_by(one.action, one.detail)
    ]


def _changed_by(action: str, detail: str) -> set[str]:
    """What an action changed, one word for what can be undone; an edit tells it by the names of the fields."""
    by_itself = _CHANGED_BY.get(action, "")
    names = [by_itself] if by_itself else detail.partition(";")[0].split(", ")
    return {_FIELDS.get(name, name) for name in names}


def _name(change: UndoableChange) -> str:
    names = "/".join(name for name in (change.integration_name, change.tenant_name) if name)
    return names or change.undo.get("account", {}).get("name", "the engines")


def _taken_back(
    store: Store, change: UndoableChange, later: Sequence[LaterChange], actor: Actor, dry_run: bool
) -> Change:
    if later:
        return Change(
            change.id, _name(change), "", f"was {_PAST[later[-1].action.split()[0]]} since, by {later[-1].actor}"
        )
    actor = replace(actor, undoes=TakenBack(change.id, change.action))
    try:
        return _INVERSES[change.undo["of"]](store, change, actor, dry_run)
    except HubError as error:
        return Change(change.id, _name(change), "", str(error))


def _tenant(store: Store, change: UndoableChange, actor: Actor, dry_run: bool) -> Change:
    return change_tenants(store, [change.tenant_id or 0], change.undo["action"], actor, dry_run=dry_run)[0]


def _integration(store: Store, change: UndoableChange, actor: Actor, dry_run: bool) -> Change:
    return change_integrations(store, [change.integration_id or 0], change.undo["action"], actor, dry_run=dry_run)[0]


def _release(store: Store, change: UndoableChange, actor: Actor, dry_run: bool) -> Change:
    found = tenant(store, change.tenant_id or 0)
    if (found.integration_release_id or found.integration_release_channel) != change.undo["to"]:
        now = found.integration_release_channel or found.release_name
        return Change(found.id, f"{found.integration_name}/{found.name}", "", f"was moved since, to {now}")
    return move_all(store, [found.id], change.undo["from"], actor, dry_run=dry_run)[0]


def _options(store: Store, change: UndoableChange, actor: Actor, dry_run: bool) -> Change:
    found = integration(store, change.integration_id or 0)
    left, before = (tuple(ScheduleOption(**one) for one in change.undo[side]) for side in ("to", "from"))
    if found.schedule_options != left:
        return Change(found.id, found.name, "", "its schedule options were changed since")
    effect = f"offers again {', '.join(option.label for option in before) or 'no schedules'}"
    if dry_run:
        return Change(found.id, found.name, effect)
    values = values_of(found)
    edit_integration(store, found.id, replace(values, schedule_options=before), actor, begun=values)
    return Change(found.id, found.name, effect, done=True)


def _engines(store: Store, change: UndoableChange, actor: Actor, dry_run: bool) -> Change:
    since, pause = change.undo["since"], engines_pause(store)
    if since != (None if pause is None else to_text(pause.since)):
        problem = "they go on already" if pause is None else f"they were paused since, by {pause.by}"
        return Change(0, "the engines", "", problem)
    if not dry_run:
        if pause is None:
            pause_engines(store, actor)
        else:
            resume_engines(store, actor)
    return Change(0, "the engines", "are paused again" if pause is None else "go on", done=not dry_run)


def _listing(store: Store, change: UndoableChange, actor: Actor, dry_run: bool) -> Change:
    from pandium_tui.hub.listings import give_state_back, listing

    found = listing(store, change.integration_id or 0)
    if found.review_state != change.undo["to"]:
        return Change(change.id, _name(change), "", f"its listing is {found.review_state} now")
    if not dry_run:
        give_state_back(store, found.integration_id, change.undo["from"], actor)
    return Change(change.id, _name(change), f"its listing is {change.undo['from']} again", done=not dry_run)


def _notification(store: Store, change: UndoableChange, actor: Actor, dry_run: bool) -> Change:
    from pandium_tui.hub.notifications import NotificationValues, add_notification

    values = NotificationValues("email", to=tuple(change.undo["to"]), interval=change.undo["interval"])
    if not dry_run:
        add_notification(store, change.integration_id or 0, values, actor)
    return Change(change.id, _name(change), f"tells {', '.join(values.to)} again", done=not dry_run)


def _source_account(store: Store, change: UndoableChange, actor: Actor, dry_run: bool) -> Change:
    from pandium_tui.hub.source_accounts import SourceAccountValues, add_source_account_again

    values = SourceAccountValues(**change.undo["account"])
    if not dry_run:
        add_source_account_again(store, values, change.undo["users"], actor)
    return Change(change.id, values.name, "is there again", done=not dry_run)


_INVERSES = {
    "listing": _listing,
    "notification": _notification,
    "source account": _source_account,
    "tenant": _tenant,
    "integration": _integration,
    "release": _release,
    "schedule options": _options,
    "engines": _engines,
}


def _forget(store: Store, changes: Sequence[UndoableChange]) -> None:
    from pandium_tui.storage.tables import ActivityRow

    with store.writing() as session:
        for change in changes:
            session.get_one(ActivityRow, change.id).undo = None


def _few(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
