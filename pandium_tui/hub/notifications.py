"""Who is told of an integration's failures and recoveries: a command, a webhook, people by e-mail."""

import re
import shlex
import shutil
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from pandium_tui.hub.activity import note_activity
from pandium_tui.hub.actor import Actor
from pandium_tui.hub.errors import InvalidError, NotFoundError, RefusedError, raise_if_any
from pandium_tui.hub.integrations import integration
from pandium_tui.hub.naming import is_id
from pandium_tui.settings import Settings
from pandium_tui.storage import notification_queries as queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.notification_queries import Notification
from pandium_tui.storage.times import utc_now
from pandium_tui.storage.vault import Secret, Vault
from pandium_tui.storage.vocabulary import NOTIFICATION_KINDS

USUAL_INTERVAL = 300
LONGEST_INTERVAL = 7 * 24 * 3600
SHORTEST_SECRET = 16
LONGEST_SECRET = 8192
MOST_RECIPIENTS = 20
LONGEST_ADDRESS = 254

# A dot-atom of RFC 5322, which is what mail servers take.
_ADDRESS = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*@[\w-]+(\.[\w-]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class NotificationValues:
    """What a person may enter about a notification.

    Attributes:
        kind: ``command``, ``webhook`` or ``email``; each has a field of its own.
        command: a program with its arguments, run without a shell.
        url: of a webhook.
        to: addresses of people.
        interval: seconds between two messages.
        secret: signs the messages to a webhook.
    """

    kind: str
    command: tuple[str, ...] = ()
    url: str = ""
    to: tuple[str, ...] = ()
    interval: int = USUAL_INTERVAL
    secret: Secret | None = field(default=None, repr=False)


def notifications(store: Store, integration_id: int | None = None) -> list[Notification]:
    """The notifications of an integration, or all, oldest first."""
    with store.reading() as reader:
        return queries.notifications(reader, integration_id)


def notification(store: Store, reference: int | str) -> Notification:
    """One notification by its id.

    Raises:
        NotFoundError: there is none.
    """
    found = None
    if is_id(str(reference)):
        with store.reading() as reader:
            found = queries.notification(reader, int(reference))
    if found is None:
        raise NotFoundError(f"There is no notification {str(reference)!r}. See: pandium-tui notification list")
    return found


def target_words(one: Notification) -> str:
    """Who is told, in a line."""
    target: dict[str, Any] = one.target
    match one.kind:
        case "command":
            return shlex.join(target["command"])
        case "webhook":
            return str(target["url"])
        case _:
            return ", ".join(target["to"])


def problems_of(settings: Settings, values: NotificationValues, *, keeps_secret: bool = False) -> dict[str, str]:
    """What is wrong with the values, by field. Quick: for use while typing.

    ``keeps_secret`` is whether no secret means the one before.
    """
    problems: dict[str, str] = {}
    match values.kind:
        case "command":
            if problem := _command_problem(values.command):
                problems["command"] = problem
        case "webhook":
            if problem := _url_problem(values.url):
                problems["url"] = problem
            kept = keeps_secret and values.secret is None
            if not kept and (problem := _secret_problem(values.secret)):
                problems["secret"] = problem
        case "email":
            if problem := _recipients_problem(settings, values.to):
                problems["to"] = problem
        case _:
            problems["kind"] = f"must be one of {', '.join(NOTIFICATION_KINDS)}"
    if not 0 <= values.interval <= LONGEST_INTERVAL:
        problems["interval"] = f"must be from 0 to {LONGEST_INTERVAL} seconds"
    return problems


def _command_problem(command: tuple[str, ...]) -> str | None:
    if not command or not command[0]:
        return "is required: a program and its arguments"
    if any("\0" in one for one in command):
        return "may hold no NUL"
    if shutil.which(command[0]) is None:
        return f"{command[0]!r} is no program that can be started; give its full path"
    return None


def _url_problem(url: str) -> str | None:
    from pandium_tui.engine.deliveries import is_loopback

    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "is no address"
    if not parts.hostname or not url.isprintable() or " " in url:
        return "must be an address such as https://hooks.example.com/pandium"
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
        return "must begin with https:// (http only to this machine)"
    if parts.username or parts.password or parts.query or parts.fragment:
        return "may hold no password and no query: it is kept and shown as it is. The messages are signed instead"
    return None


def _secret_problem(secret: Secret | None) -> str | None:
    if secret is None or len(secret.reveal()) < SHORTEST_SECRET:
        return f"must have at least {SHORTEST_SECRET} characters: the receiver checks the signature by it"
    return f"is longer than {LONGEST_SECRET} characters" if len(secret.reveal()) > LONGEST_SECRET else None


def _recipients_problem(settings: Settings, recipients: tuple[str, ...]) -> str | None:
    from pandium_tui.engine.deliveries import mail_problem

    if not recipients:
        return "is required: one address or more"
    if len(recipients) > MOST_RECIPIENTS:
        return f"may be {MOST_RECIPIENTS} addresses at most"
    wrong = [one for one in recipients if len(one) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(one)]
    return f"{wrong[0]!r} is no address such as ops@example.com" if wrong else mail_problem(settings)


def add_notification(store: Store, integration_id: int, values: NotificationValues, actor: Actor) -> Notification:
    """Have somebody told of the failures and recoveries of an integration from now on.

    Raises:
        RefusedError: the integration is external.
        InvalidError: with what is wrong by field.
        VaultError: the secret cannot be sealed; nothing was added.
    """
    from pandium_tui.engine.deliveries import secret_context
    from pandium_tui.storage.unattended_tables import NotificationRow

    parent = integration(store, integration_id)
    if parent.type != "Internal":
        raise RefusedError(f"{parent.name} is an external integration: nothing of it runs here that could fail.")
    raise_if_any(problems_of(store.settings, values))
    row = NotificationRow(
        uuid=str(uuid.uuid4()),
        integration_id=parent.id,
        kind=values.kind,
        target=_target_of(values),
        interval=values.interval,
        created_date=utc_now(),
    )
    with store.writing() as session:
        session.add(row)
        session.flush()
        if values.kind == "webhook" and values.secret is not None:
            Vault(store).seal(session, secret_context(row.uuid), values.secret)
        detail = f"{values.kind} {row.id}"
        note_activity(session, actor, "add notification", integration_id=parent.id, detail=detail)
    return notification(store, row.id or 0)


def _target_of(values: NotificationValues) -> dict[str, Any]:
    targets: dict[str, dict[str, Any]] = {
        "command": {"command": list(values.command)},
        "webhook": {"url": values.url},
        "email": {"to": list(values.to)},
    }
    return targets[values.kind]


def values_of(one: Notification) -> NotificationValues:
    """What was entered about a notification, but for its secret."""
    target = one.target
    command, url, to = target.get("command", ()), target.get("url", ""), target.get("to", ())
    return NotificationValues(one.kind, tuple(command), str(url), tuple(to), one.interval)


def edit_notification(store: Store, notification_id: int, values: NotificationValues, actor: Actor) -> Notification:
    """Change who is told, or how often. Without a secret a webhook keeps its own; what waits is told to the new one.

    Raises:
        NotFoundError: there is none.
        RefusedError: it would be of another kind.
        InvalidError: with what is wrong by field.
        VaultError: the secret cannot be sealed; nothing was changed.
    """
    from pandium_tui.engine.deliveries import secret_context
    from pandium_tui.storage.unattended_tables import NotificationRow

    found = notification(store, notification_id)
    if values.kind != found.kind:
        raise RefusedError(f"Notification {found.id} is a {found.kind}: add another one, and remove this.")
    raise_if_any(problems_of(store.settings, values, keeps_secret=True))
    changed = [
        name
        for name, differs in (
            ("who", _target_of(values) != found.target),
            ("interval", values.interval != found.interval),
            ("secret", values.secret is not None),
        )
        if differs
    ]
    with store.writing() as session:
        row = session.get(NotificationRow, found.id)
        if row is None:
            raise NotFoundError(f"Notification {found.id} was removed meanwhile.")
        row.target, row.interval = _target_of(values), values.interval
        if values.secret is not None:
            Vault(store).seal(session, secret_context(row.uuid), values.secret)
        if changed != ["interval"]:
            # What was known of the one before says nothing of the new one.
            row.attempts, row.not_before, row.problem, row.problem_date = 0, None, None, None
        detail = f"{found.kind} {found.id}: {', '.join(changed) or 'nothing'} changed"
        note_activity(session, actor, "edit notification", integration_id=found.integration_id, detail=detail)
    return notification(store, notification_id)


def remove_notification(store: Store, notification_id: int, actor: Actor) -> Notification:
    """Tell nobody any more; what waits to be told is dropped. Of mail it can be undone: nothing in it is secret.

    Raises:
        NotFoundError: there is none.
    """
    from sqlmodel import col, delete

    from pandium_tui.storage.unattended_tables import NotificationEventRow, NotificationRow

    found = notification(store, notification_id)
    with store.writing() as session:
        session.exec(delete(NotificationEventRow).where(col(NotificationEventRow.notification_id) == found.id))
        session.exec(delete(NotificationRow).where(col(NotificationRow.id) == found.id))
        Vault(store).forget(session, found.uuid)
        detail = f"{found.kind} {found.id}"
        kept = {"of": "notification", "to": found.target.get("to"), "interval": found.interval}
        note_activity(
            session,
            actor,
            "remove notification",
            integration_id=found.integration_id,
            detail=detail,
            undo=kept if found.kind == "email" else None,
        )
    return found


def test_notification(store: Store, notification_id: int, actor: Actor) -> Notification:
    """Send a message that says it is a test, now and from here; takes seconds.

    Raises:
        NotFoundError: there is none.
        RefusedError: it did not arrive, and why.
    """
    from pandium_tui.engine.deliveries import DeliveryError, deliver
    from pandium_tui.engine.notification_messages import trial_message
    from pandium_tui.storage.unattended_tables import NotificationRow

    found = notification(store, notification_id)
    message = trial_message(found.integration_id, found.integration_name, utc_now())
    problem = None
    try:
        deliver(store, found.kind, found.target, found.uuid, message)
    except DeliveryError as error:
        problem = str(error)
    with store.writing() as session:
        row = session.get(NotificationRow, found.id)
        if row is not None:
            row.problem, row.problem_date = problem, None if problem is None else utc_now()
        detail = f"{found.kind} {found.id}: {problem or 'it arrived'}"
        note_activity(session, actor, "test notification", integration_id=found.integration_id, detail=detail)
    if problem is not None:
        raise RefusedError(f"The test did not arrive: {problem}.")
    return notification(store, notification_id)


def set_smtp_password(store: Store, password: Secret, actor: Actor) -> None:
    """Seal the password of the mail server, in place of the one before.

    Raises:
        InvalidError: it is empty.
        VaultError: it cannot be sealed.
    """
    from pandium_tui.engine.deliveries import SMTP_PASSWORD

    if not password.reveal() or len(password.reveal()) > LONGEST_SECRET:
        raise InvalidError({"password": f"must have 1 to {LONGEST_SECRET} characters"})
    with store.writing() as session:
        Vault(store).seal(session, SMTP_PASSWORD, password)
        note_activity(session, actor, "set mail password", detail=store.settings.smtp_username)
