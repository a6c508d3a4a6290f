"""Integrations: what a developer sets up first."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from pandium_tui.hub.activity import note_activity
from pandium_tui.hub.actor import Actor
from pandium_tui.hub.editing import rebased
from pandium_tui.hub.errors import InvalidError, NotFoundError, RefusedError, raise_if_any
from pandium_tui.hub.naming import is_id, name_problem, suggestion
from pandium_tui.hub.schedule_options import COMMON_OPTIONS, options_problem
from pandium_tui.storage import account_queries, queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import Integration, ScheduleOption
from pandium_tui.storage.times import utc_now
from pandium_tui.storage.vocabulary import CHANNELS, HTTPS_ACCESS, SSH_ACCESS

if TYPE_CHECKING:
    from sqlmodel import Session

    from pandium_tui.storage.tables import IntegrationRow

MAXIMUM_TIME_LIMIT = 24 * 3600
SHORTEST_POLLING, LONGEST_POLLING = 10, 7 * 24 * 3600
LONGEST_CATCH_UP = 31 * 24 * 3600
MOST_RUNS_AT_ONCE = 1000
MOST_RETRIES = 20
LONGEST_BACKOFF = 3600
"""Seconds; the engine waits no longer before any retry."""


@dataclass(frozen=True, slots=True)
class IntegrationValues:
    """What a person may enter about an integration.

    Attributes:
        repository_path: file or folder of PANDIUM.yaml in the repository; empty: PANDIUM.yaml in its root.
        default_release_channel: what new tenants follow; None pins them to the default release.
        run_time_limit: seconds; None for the installation's limit.
        source_account_id: how git reaches the repository; None for what the machine's own git can do.
        schedule_options: what tenants may choose, in the order they read it; one at most is the default.
        custom_schedules: whether tenants may write a cron expression of their own.
        polling_interval: seconds between two looks at the tracking branch; 0 for none, None for what is usual: five
            minutes, and none at repositories of this machine.
        catch_up: whether the newest slot that was missed is made up for.
        catch_up_window: seconds after which a missed slot is not made up for.
        runs_at_once: of its tenants; None for no limit but the installation's.
        retry_count: how often a failed run is tried again; 0 for never.
        retry_backoff: seconds before the first retry; doubled for each further one.
    """

    name: str
    long_name: str = ""
    type: Literal["Internal", "External"] = "Internal"
    target_url: str | None = None
    repository_url: str | None = None
    repository_tracking_branch: str | None = None
    repository_path: str = ""
    default_release_channel: str | None = None
    run_time_limit: int | None = None
    source_account_id: int | None = None
    schedule_options: tuple[ScheduleOption, ...] = COMMON_OPTIONS
    custom_schedules: bool = True
    paused_by_default: bool = False
    polling_interval: int | None = None
    catch_up: bool = True
    catch_up_window: int = 24 * 3600
    runs_at_once: int | None = None
    retry_count: int = 0
    retry_backoff: int = 60


def integrations(store: Store, *, archived: bool = False, limit: int | None = None) -> list[Integration]:
    """All integrations by name, or the first of them; those archived only when asked for."""
    with store.reading() as reader:
        return queries.integrations(reader, utc_now(), archived=archived, limit=limit)


def integration(store: Store, reference: int | str) -> Integration:
    """One integration by its id or name.

    Raises:
        NotFoundError: there is none.
    """
    with store.reading() as reader:
        found = None
        by_name = queries.integration_id_of_name(reader, str(reference))
        if by_name is not None:
            found = queries.integration(reader, utc_now(), by_name)
        elif is_id(str(reference)):
            found = queries.integration(reader, utc_now(), int(reference))
        if found is None:
            names = [one.name for one in queries.integrations(reader, utc_now(), archived=True)]
            raise NotFoundError(f"There is no integration {str(reference)!r}.{suggestion(str(reference), names)}")
        return found


def problems_of(values: IntegrationValues) -> dict[str, str]:
    """What is wrong with the values, by field; empty when they can be saved. Quick: for use while typing."""
    problems: dict[str, str] = {}
    if problem := name_problem(values.name):
        problems["name"] = problem
    if values.type == "External":
        if not values.target_url or not values.target_url.startswith(("https://", "http://")):
            problems["target_url"] = "is required for an external integration: the https address of its page"
        return problems
    problems |= repository_problems(values.repository_url, values.repository_tracking_branch, values.repository_path)
    if values.default_release_channel not in (None, *CHANNELS):
        problems["default_release_channel"] = f"must be one of {', '.join(CHANNELS)} or empty"
    if values.run_time_limit is not None and not 1 <= values.run_time_limit <= MAXIMUM_TIME_LIMIT:
        problems["run_time_limit"] = f"must be 1 to {MAXIMUM_TIME_LIMIT} seconds"
    if values.polling_interval and not SHORTEST_POLLING <= values.polling_interval <= LONGEST_POLLING:
        problems["polling_interval"] = f"must be {SHORTEST_POLLING} to {LONGEST_POLLING} seconds, 0 or empty"
    if problem := options_problem(values.schedule_options):
        problems["schedule_options"] = problem
    return problems | _engine_problems(values)


def _engine_problems(values: IntegrationValues) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not 60 <= values.catch_up_window <= LONGEST_CATCH_UP:
        problems["catch_up_window"] = f"must be 60 to {LONGEST_CATCH_UP} seconds"
    if values.runs_at_once is not None and not 1 <= values.runs_at_once <= MOST_RUNS_AT_ONCE:
        problems["runs_at_once"] = f"must be 1 to {MOST_RUNS_AT_ONCE}, or empty"
    if not 0 <= values.retry_count <= MOST_RETRIES:
        problems["retry_count"] = f"must be 0 to {MOST_RETRIES}"
    if not 1 <= values.retry_backoff <= LONGEST_BACKOFF:
        problems["retry_backoff"] = f"must be 1 to {LONGEST_BACKOFF} seconds"
    return problems


def repository_problems(url: str | None, branch: str | None, path: str) -> dict[str, str]:
    """What is wrong with where the code of an integration is, by field."""
    # Imported here, as below: what reaches git is not needed to list integrations, which is all that a start does.
    from pandium_tui.sources.errors import SourceError
    from pandium_tui.sources.locations import checked_branch, checked_repository_url

    problems: dict[str, str] = {}
    try:
        checked_repository_url(url or "")
    except SourceError as error:
        problems["repository_url"] = str(error)
    if branch:
        try:
            checked_branch(branch)
        except SourceError as error:
            problems["repository_tracking_branch"] = str(error)
    if problem := _path_problem(path):
        problems["repository_path"] = problem
    return problems


def create_integration(store: Store, values: IntegrationValues, actor: Actor) -> Integration:
    """Add an integration.

    Raises:
        InvalidError: with what is wrong by field.
    """
    from sqlalchemy.exc import IntegrityError

    from pandium_tui.storage.tables import IntegrationRow

    raise_if_any(problems_of(values) | account_problem(store, values))
    now = utc_now()
    row = IntegrationRow(name=values.name, created_date=now, modified_date=now)
    _apply(row, values)
    try:
        with store.writing() as session:
            session.add(row)
            session.flush()
            note_activity(session, actor, "create integration", integration_id=row.id, detail=values.name)
    except IntegrityError as error:
        raise InvalidError({"name": f"{values.name!r} is taken by another integration"}) from error
    return integration(store, _id(row.id))


def edit_integration(
    store: Store,
    integration_id: int,
    values: IntegrationValues,
    actor: Actor,
    *,
    begun: IntegrationValues | None = None,
) -> Integration:
    """Change an integration; a changed repository, branch or path concerns the next builds only.

    Args:
        store: where it is.
        integration_id: which one.
        values: as they shall be.
        actor: who changes it.
        begun: the values the person saw at first: what differs from them is changed, the rest stays as it is now.

    Raises:
        InvalidError: with what is wrong by field.
        NotFoundError: there is no such integration.
    """
    values = rebased(values, begun, values_of(integration(store, integration_id)))
    return configure_integration(store, integration_id, values, None, actor, keep_default=True)


def configure_integration(
    store: Store,
    integration_id: int,
    values: IntegrationValues,
    default_release_id: int | None,
    actor: Actor,
    *,
    keep_default: bool = False,
) -> Integration:
    """Change an integration and its default release at once: all of it or nothing.

    Raises:
        InvalidError: with what is wrong by field.
        NotFoundError: there is no such integration or release.
        RefusedError: the release is not Ready.
    """
    from sqlalchemy.exc import IntegrityError

    from pandium_tui.storage.tables import IntegrationRow

    before = integration(store, integration_id)
    if before.type != values.type:
        raise InvalidError({"type": "cannot be changed after the integration was created"})
    raise_if_any(problems_of(values) | account_problem(store, values))
    try:
        with store.writing() as session:
            row = session.get_one(IntegrationRow, integration_id)
            _apply(row, values)
            row.modified_date = utc_now()
            earlier = values_of(before)
            changed = [name for name in IntegrationValues.__slots__ if getattr(earlier, name) != getattr(values, name)]
            if changed:
                note_activity(
                    session,
                    actor,
                    "edit integration",
                    integration_id=integration_id,
                    detail=", ".join(changed),
                    undo=_undo_of_options(earlier, values) if "schedule_options" in changed else None,
                )
            if not keep_default and default_release_id != row.default_release_id:
                _choose_default(session, row, default_release_id, actor)
    except IntegrityError as error:
        raise InvalidError({"name": f"{values.name!r} is taken by another integration"}) from error
    return integration(store, integration_id)


def _undo_of_options(earlier: IntegrationValues, values: IntegrationValues) -> dict[str, object]:
    return {
        "of": "schedule options",
        "from": [asdict(option) for option in earlier.schedule_options],
        "to": [asdict(option) for option in values.schedule_options],
    }


def values_of(integration: Integration) -> IntegrationValues:
    """The values of an integration as a person would enter them."""
    return IntegrationValues(**{field: getattr(integration, field) for field in IntegrationValues.__slots__})


def archive_integration(store: Store, integration_id: int, actor: Actor) -> Integration:
    """Put an integration away: no schedule of its tenants fires, nothing of it can be started. It can be restored."""
    return change_standing(store, integration_id, "archive integration", actor, undo="restore", archived=True)


def restore_integration(store: Store, integration_id: int, actor: Actor) -> Integration:
    """Take an integration back from the archive; the schedules of its tenants go on from now."""
    return change_standing(store, integration_id, "restore integration", actor, undo="archive", archived=False)


def change_standing(
    store: Store, integration_id: int, action: str, actor: Actor, *, undo: str, **standing: bool
) -> Integration:
    """Set ``archived`` or ``paused`` of an integration, plan its tenants anew, and note it as ``action``.

    ``undo`` is the action of ``hub.bulk`` that takes it back.
    """
    from pandium_tui.engine.schedule import plan_tenants
    from pandium_tui.storage.tables import IntegrationRow

    integration(store, integration_id)
    with store.writing() as session:
        row = session.get_one(IntegrationRow, integration_id)
        changes = any(getattr(row, name) != value for name, value in standing.items())
        for name, value in standing.items():
            setattr(row, name, value)
        row.modified_date = utc_now()
        session.flush()
        plan_tenants(session, utc_now(), integration_id)
        note_activity(
            session,
            actor,
            action,
            integration_id=integration_id,
            undo={"of": "integration", "action": undo} if changes else None,
        )
    return integration(store, integration_id)


def set_default_release(store: Store, integration_id: int, release_id: int | None, actor: Actor) -> Integration:
    """Choose the default release among the Ready ones, or none.

    Raises:
        RefusedError: the release is another integration's or not Ready.
    """
    from pandium_tui.storage.tables import IntegrationRow

    integration(store, integration_id)
    with store.writing() as session:
        _choose_default(session, session.get_one(IntegrationRow, integration_id), release_id, actor)
    return integration(store, integration_id)


def account_problem(store: Store, values: IntegrationValues) -> dict[str, str]:
    """Whether the source control account is there and goes with the repository URL, by field."""
    if values.type != "Internal" or values.source_account_id is None:
        return {}
    from pandium_tui.sources.credentials import mismatch

    with store.reading() as reader:
        account = account_queries.source_account(reader, values.source_account_id)
    if account is None:
        return {"source_account_id": "this account is gone: choose another one"}
    has_token, has_key = account.method == HTTPS_ACCESS, account.method == SSH_ACCESS
    problem = mismatch(has_token, has_key, (values.repository_url or "").strip())
    return {"source_account_id": problem} if problem else {}


def _choose_default(session: "Session", row: "IntegrationRow", release_id: int | None, actor: Actor) -> None:
    from pandium_tui.storage.tables import ReleaseRow

    if release_id is not None:
        release = session.get(ReleaseRow, release_id)
        if release is None or release.integration_id != row.id:
            raise NotFoundError(f"Integration {row.name} has no release {release_id}.")
        if release.status != "Ready":
            raise RefusedError(f"Release {release.name} of {row.name} is {release.status}; the default must be Ready.")
        if release.retired_date is not None:
            raise RefusedError(f"The files of release {release.name} were removed as old. Build its commit again.")
    row.default_release_id = release_id
    row.modified_date = utc_now()
    note_activity(session, actor, "set default release", integration_id=row.id, release_id=release_id)


def _apply(row: "IntegrationRow", values: IntegrationValues) -> None:
    source = _source_of(row)
    for field in IntegrationValues.__slots__:
        value = getattr(values, field)
        setattr(row, field, value.strip() if isinstance(value, str) else value)
    row.schedule_options = [asdict(option) for option in values.schedule_options]
    if values.type == "Internal" and values.repository_url:
        from pandium_tui.sources.locations import checked_repository_url

        row.repository_url = checked_repository_url(values.repository_url)
    if _source_of(row) != source:
        # What was seen of another branch says nothing about this one.
        row.polled_date = row.polled_commit = row.source_problem = None


def _source_of(row: "IntegrationRow") -> tuple[object, ...]:
    return row.repository_url, row.repository_tracking_branch, row.source_account_id, row.polling_interval == 0


def _path_problem(path: str) -> str | None:
    parts = path.replace("\\", "/").split("/")
    if path.startswith(("/", "-")) or ".." in parts or any(ord(character) < 32 for character in path):
        return "must be a file or folder inside the repository, such as integrations/crm or crm/PANDIUM.yaml"
    return None


def _id(value: int | None) -> int:
    assert value is not None
    return value
