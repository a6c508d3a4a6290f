"""Failures and recoveries are told once, together where there are many, and again when they did not arrive."""

import base64
import hmac
import json
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_string
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from git import Repo
from sqlmodel import select

from pandium_tui.engine import deliveries, notifications
from pandium_tui.engine.chores import Chores
from pandium_tui.engine.deliveries import DeliveryError, deliver
from pandium_tui.engine.notification_messages import LISTED, message_of
from pandium_tui.engine.notifications import Batch, claim_batches, record_delivery
from pandium_tui.engine.polling import REWRITTEN, claim_polls, poll
from pandium_tui.engine.recording import Ending, end_build, end_run
from pandium_tui.hub import activity, integrations
from pandium_tui.hub import notifications as hub
from pandium_tui.hub.errors import InvalidError, RefusedError
from pandium_tui.hub.integrations import IntegrationValues
from pandium_tui.hub.notifications import NotificationValues
from pandium_tui.hub.tenants import TenantValues, create_tenant
from pandium_tui.storage.database import Store
from pandium_tui.storage.notification_queries import Notification
from pandium_tui.storage.tables import IntegrationRow, ReleaseRow, RunRow
from pandium_tui.storage.times import utc_now
from pandium_tui.storage.unattended_tables import NotificationEventRow, NotificationRow
from pandium_tui.storage.vault import Secret
from tests.cli.command_line import CommandLine
from tests.notifying import MailServer, WebServer, mail_server, web_server
from tests.scenario import ACTOR, Scenario, commit, manifest
from tests.waiting import wait_for

SECRET = "a long secret of a webhook"
SOON = timedelta(seconds=60)
"""Later than what is waited for others of the same moment, however slow the machine of the test is."""


@pytest.fixture
def web() -> Iterator[WebServer]:
    with web_server() as server:
        yield server


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def crm(store: Store) -> int:
    """An integration with three tenants, acme, bolt and corp."""
    made = integrations.create_integration(store, IntegrationValues("crm", repository_url="/srv/crm"), ACTOR)
    for name in ("acme", "bolt", "corp"):
        create_tenant(store, made.id, TenantValues(name, integration_release_channel="Latest"), ACTOR)
    return made.id


def webhook(url: str, **values: Any) -> NotificationValues:
    return NotificationValues("webhook", url=url, secret=Secret(SECRET), **values)


def add(store: Store, crm: int, values: NotificationValues) -> Notification:
    return hub.add_notification(store, crm, values, ACTOR)


def ended(store: Store, crm: int, tenant_id: int, phase: str = "Failed (Integration Issue)", **values: Any) -> int:
    """A run of a tenant that has ended like this."""
    reason = None if phase == "Succeeded" else "it ended with exit code 3"
    with store.writing() as session:
        run = RunRow(tenant_id=tenant_id, integration_id=crm, phase="Running", created_date=utc_now(), **values)
        session.add(run)
        session.flush()
        assert run.id is not None
        end_run(session, run.id, Ending(phase, reason, exit_code=3))
        return run.id


def pending(store: Store) -> list[tuple[int | None, bool]]:
    """The tenants about which something waits to be told, and whether they recovered."""
    with store.writing() as session:
        rows = session.exec(
            select(NotificationEventRow).where(NotificationEventRow.ended_date == None)  # noqa: E711 - SQL
        ).all()
        return [(row.tenant_id, row.recovered) for row in rows]


def send(store: Store, now: datetime) -> list[str | None]:
    """What an engine does at a moment: each message, and what came of it."""
    outcomes = []
    for batch in claim_batches(store, now, 10):
        problem = None
        try:
            deliver(store, batch.kind, batch.target, batch.uuid, message_of(batch, now))
        except DeliveryError as error:
            problem = str(error)
        record_delivery(store, batch, problem, now)
        outcomes.append(problem)
    return outcomes


def test_a_failure_then_many_then_the_recovery(store: Store, crm: int, web: WebServer) -> None:
    add(store, crm, webhook(web.url))
    run_id = ended(store, crm, 1)
    begin = utc_now()
    assert send(store, begin) == []
    assert send(store, begin + SOON) == [None]
    told = json.loads(web.requests[0][2])
    assert (told["event"], told["integration"]["name"], told["failures_total"]) == ("failure", "crm", 1)
    (failure,) = told["failures"]
    assert failure["tenant"] == {"id": 1, "name": "acme"}
    assert (failure["run_id"], failure["phase"], failure["exit_code"]) == (run_id, "Failed (Integration Issue)", 3)
    for tenant_id in (2, 3, 2):
        ended(store, crm, tenant_id)
    ended(store, crm, 3, "Succeeded")
    assert send(store, begin + timedelta(seconds=300)) == []
    assert send(store, begin + timedelta(seconds=361)) == [None]
    digest = json.loads(web.requests[1][2])
    assert (digest["event"], digest["failures_total"], digest["recoveries_total"]) == ("digest", 3, 1)
    assert digest["recoveries"][0]["tenant"]["name"] == "corp"
    ended(store, crm, 1, "Succeeded")
    ended(store, crm, 1, "Succeeded")
    assert send(store, begin + timedelta(seconds=662)) == [None]
    assert json.loads(web.requests[2][2])["event"] == "recovery"
    assert send(store, begin + timedelta(days=1)) == []
    assert [one.action for one in activity.activities(store)][:3] == ["notify"] * 3


def test_what_nobody_is_told_of(store: Store, crm: int, web: WebServer) -> None:
    other = integrations.create_integration(store, IntegrationValues("shop", repository_url="/srv/shop"), ACTOR).id
    add(store, other, webhook(web.url))
    ended(store, crm, 1)
    assert pending(store) == []
    add(store, crm, webhook(web.url))
    ended(store, crm, 2, "Succeeded")
    ended(store, crm, 2, "Cancelled")
    ended(store, crm, 2, counts_as_state=False)
    assert pending(store) == []
    with store.writing() as session:
        session.get_one(IntegrationRow, crm).retry_count = 1
    ended(store, crm, 3)
    assert pending(store) == []
    ended(store, crm, 3, retries=1)
    assert pending(store) == [(3, False)]


def test_the_signature_is_over_time_stamp_and_body_and_no_secret_is_sent(
    store: Store, crm: int, web: WebServer
) -> None:
    one = add(store, crm, webhook(web.url))
    hub.test_notification(store, one.id, ACTOR)
    path, headers, body = web.requests[0]
    signed = headers["X-Pandium-TUI-Timestamp"].encode() + b"." + body
    assert headers["X-Pandium-TUI-Signature"] == f"sha256={hmac.digest(SECRET.encode(), signed, 'sha256').hex()}"
    assert path == "/hook" and json.loads(body)["event"] == "test"
    assert SECRET not in str(web.requests) and SECRET not in repr(webhook(web.url))
    content = b"".join(file.read_bytes() for file in store.settings.home.iterdir() if file.is_file())
    assert SECRET.encode() not in content


def test_what_does_not_arrive_is_tried_again_and_given_up_in_the_end(store: Store, crm: int, web: WebServer) -> None:
    one = add(store, crm, webhook(web.url))
    web.status, web.headers = 302, {"Location": web.url}
    ended(store, crm, 1)
    now = utc_now() + SOON
    (problem,) = send(store, now)
    assert problem is not None and "not followed" in problem and "127.0.0.1" in problem
    assert hub.notification(store, one.id).problem == problem
    assert send(store, now + timedelta(seconds=29)) == []
    ended(store, crm, 2)
    web.status = 500
    assert send(store, now + timedelta(seconds=31)) == ["127.0.0.1 answered 500"]
    assert len(json.loads(web.requests[-1][2])["failures"]) == 2
    for hours in (1, 2, 3):
        assert len(send(store, now + timedelta(hours=hours))) == 1
    assert send(store, now + timedelta(hours=4)) == []
    assert pending(store) == []
    newest = activity.activities(store, crm)[0]
    assert newest.action == "notification given up" and "answered 500" in newest.detail
    web.status = 204
    ended(store, crm, 1, "Succeeded")
    assert send(store, now + timedelta(hours=5)) == [None]
    assert hub.notification(store, one.id).problem is None


def test_of_many_failures_a_few_are_listed_and_all_counted(store: Store, crm: int) -> None:
    events = tuple(
        notifications.Event(
            number,
            False,
            {
                "tenant": {"id": number, "name": f"t{number}\x1b[2J"},
                "run_id": number,
                "phase": "Failed (Timeout)",
                "reason": "slow\nBcc: everybody",
                "completed_date": "2026-01-01T00:00:00.000000Z",
            },
        )
        for number in range(50)
    )
    batch = Batch(1, "00000000-0000-0000-0000-000000000001", "email", {}, 1, "crm\r\nBcc: me", events, "claim")
    message = message_of(batch, utc_now())
    assert message.payload["failures_total"] == 50 and len(message.payload["failures"]) == LISTED
    assert f"and {50 - LISTED} more" in message.text
    assert "\n" not in message.subject and "\x1b" not in message.text
    assert message_of(batch, utc_now() + timedelta(hours=1)).payload["id"] == message.payload["id"]


def test_several_engines_send_it_once_and_one_that_was_killed_is_stood_in_for(
    store: Store, crm: int, web: WebServer
) -> None:
    add(store, crm, webhook(web.url))
    ended(store, crm, 1)
    now = utc_now() + SOON
    (killed,) = claim_batches(store, now, 10)
    assert claim_batches(store, now + timedelta(seconds=60), 10) == []
    (second,) = claim_batches(store, now + timedelta(minutes=6), 10)
    assert second.events == killed.events
    record_delivery(store, second, None, now + timedelta(minutes=6))
    record_delivery(store, killed, "too late to tell", now + timedelta(minutes=7))
    assert hub.notifications(store)[0].problem is None
    assert pending(store) == []


def test_of_engines_that_look_at_once_one_gets_it(store: Store, crm: int) -> None:
    for _ in range(3):
        add(store, crm, webhook("https://hooks.example.com"))
    ended(store, crm, 1)
    now = utc_now() + SOON
    begin = threading.Barrier(4)

    def engine() -> list[Batch]:
        own = Store(store.settings)
        begin.wait()
        found = claim_batches(own, now, 10)
        own.close()
        return found

    with ThreadPoolExecutor(4) as pool:
        claimed = [batch for looked in [pool.submit(engine) for _ in range(4)] for batch in looked.result()]
    assert sorted(batch.notification_id for batch in claimed) == [1, 2, 3]


def test_a_clock_that_was_put_back_holds_up_nothing(store: Store, crm: int, web: WebServer) -> None:
    add(store, crm, webhook(web.url))
    now = utc_now()
    ended(store, crm, 1)
    send(store, now + timedelta(days=30))
    ended(store, crm, 2)
    assert send(store, now + SOON) == [None]


def test_a_command_gets_it_on_stdin_without_our_environment(
    store: Store, crm: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PANDIUM_TUI_KEY", "a key")
    got = tmp_path / "got"
    code = "import os, sys, json; json.dump([json.load(sys.stdin), dict(os.environ)], open(sys.argv[1], 'w'))"
    one = add(store, crm, NotificationValues("command", command=(sys.executable, "-c", code, str(got))))
    hub.test_notification(store, one.id, ACTOR)
    told, environment = json.loads(got.read_text())
    assert told["event"] == "test" and "PATH" in environment and "PANDIUM_TUI_KEY" not in environment


@pytest.mark.parametrize(
    ("code", "problem"),
    [("import sys; sys.exit(3)", "exit code 3"), ("import os; os.kill(os.getpid(), 9)", "signal 9")],
)
def test_a_command_that_fails_is_told(store: Store, crm: int, code: str, problem: str) -> None:
    one = add(store, crm, NotificationValues("command", command=(sys.executable, "-c", code)))
    with pytest.raises(RefusedError, match=problem):
        hub.test_notification(store, one.id, ACTOR)
    assert problem in (hub.notification(store, one.id).problem or "")


def test_a_test_that_arrives_ends_what_was_known_to_be_wrong(store: Store, crm: int, web: WebServer) -> None:
    one = add(store, crm, webhook(web.url))
    web.status = 503
    with pytest.raises(RefusedError, match="answered 503"):
        hub.test_notification(store, one.id, ACTOR)
    web.status = 200
    assert hub.test_notification(store, one.id, ACTOR).problem is None


def test_a_command_that_hangs_is_ended(store: Store, crm: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "COMMAND_LIMIT", 0.2)
    one = add(store, crm, NotificationValues("command", command=("sh", "-c", "sleep 600 & sleep 600")))
    with pytest.raises(RefusedError, match="longer than"):
        hub.test_notification(store, one.id, ACTOR)


def test_mail_goes_to_all_with_the_sealed_password(store: Store, crm: int, mail: MailServer) -> None:
    store.settings = replace(
        store.settings,
        smtp_host="127.0.0.1",
        smtp_port=mail.port,
        smtp_security="none",
        smtp_username="pandium",
        smtp_from="pandium@example.com",
    )
    one = add(store, crm, NotificationValues("email", to=("ops@example.com", "me@example.org")))
    with pytest.raises(RefusedError, match="no password is sealed"):
        hub.test_notification(store, one.id, ACTOR)
    hub.set_smtp_password(store, Secret("pass word"), ACTOR)
    ended(store, crm, 1)
    assert send(store, utc_now() + SOON) == [None]
    assert base64.b64decode(mail.logins[0]) == b"\0pandium\0pass word"
    ((recipients, content),) = mail.mails
    assert recipients == ["<ops@example.com>", "<me@example.org>"]
    parsed = message_from_string(content, policy=default)
    assert parsed["Subject"] == "[pandium-tui] crm: acme failed"
    assert "tenant acme, run 1" in parsed.get_content()
    mail.refuses = True
    with pytest.raises(RefusedError, match="refuses the user name or password") as refused:
        hub.test_notification(store, one.id, ACTOR)
    assert "pass word" not in str(refused.value)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        (NotificationValues("pigeon"), "kind"),
        (NotificationValues("command"), "command"),
        (NotificationValues("command", command=("/no/such/program",)), "command"),
        (webhook("http://hooks.example.com/x"), "url"),
        (webhook("https://me:word@hooks.example.com/x"), "url"),
        (webhook("https://hooks.example.com/x?token=1"), "url"),
        (webhook("https://hooks.example.com:port/x"), "url"),
        (NotificationValues("webhook", url="https://hooks.example.com", secret=Secret("short")), "secret"),
        (webhook("https://hooks.example.com", interval=-1), "interval"),
        (NotificationValues("email", to=("ops@example.com\nBcc: me@example.com",)), "to"),
        (NotificationValues("email", to=("ops@example.com",)), "to"),
        (NotificationValues("email", to=("a..b@example.com",)), "to"),
    ],
)
def test_values_that_cannot_work_are_refused_by_field(
    store: Store, crm: int, values: NotificationValues, field: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        add(store, crm, values)
    assert set(refused.value.problems) == {field}
    assert hub.notifications(store) == []


def test_an_external_integration_has_nothing_to_tell(store: Store) -> None:
    asked = IntegrationValues("partner", type="External", target_url="https://partner.example.com")
    made = integrations.create_integration(store, asked, ACTOR)
    with pytest.raises(RefusedError, match="external"):
        add(store, made.id, webhook("https://hooks.example.com"))


def test_a_password_is_not_sent_without_encryption(store: Store) -> None:
    settings = replace(store.settings, smtp_host="mail.example.com", smtp_from="a@example.com", smtp_username="me")
    assert deliveries.mail_problem(settings) is None
    assert "encryption" in (deliveries.mail_problem(replace(settings, smtp_security="none")) or "")


def test_builds_that_fail_and_build_again_are_told_and_cancelled_ones_are_not(
    store: Store, crm: int, web: WebServer
) -> None:
    add(store, crm, webhook(web.url))
    ends = [(True, None), (False, None), (False, "ada (cli)"), (True, None), (True, None)]
    for number, (ready, cancelled_by) in enumerate(ends):
        with store.writing() as session:
            release = ReleaseRow(integration_id=crm, name=f"crm-{number}", status="Building", branch="main")
            release.path, release.started_by, release.cancel_requested_by = "", "me", cancelled_by
            release.created_date = release.modified_date = utc_now()
            session.add(release)
            session.flush()
            end_build(session, release, ready=ready, reason=None if ready else "exit code 2")
    assert pending(store) == [(None, False), (None, True)]
    (batch,) = claim_batches(store, utc_now() + SOON, 10)
    message = message_of(batch, utc_now())
    assert message.subject == "[pandium-tui] crm: the build of crm-1 failed, the build of crm-3 recovered"
    assert "exit code 2" in message.text
    (failure,) = message.payload["failures"]
    assert (failure["about"], failure["release"]["name"], failure["branch"]) == ("build", "crm-1", "main")


def test_a_tracking_branch_is_told_at_the_second_look_once_and_again_when_it_is_well(
    store: Store, tmp_path: Path
) -> None:
    def look(minutes: int) -> list[str]:
        for claimed in claim_polls(store, begin + timedelta(minutes=minutes), 10):
            poll(store, claimed, lambda: False)
        with store.writing() as session:
            events = session.exec(select(NotificationEventRow).where(NotificationEventRow.about == "branch")).all()
            return ["well" if one.recovered else str(one.summary["reason"]) for one in events]

    begin = utc_now()
    commit(tmp_path / "code", {"PANDIUM.yaml": manifest()})
    values = IntegrationValues("crm", repository_url=str(tmp_path / "code"), repository_tracking_branch="main")
    made = integrations.create_integration(store, replace(values, polling_interval=60), ACTOR)
    add(store, made.id, NotificationValues("command", command=("true",)))
    assert look(0) == []
    (tmp_path / "code").rename(tmp_path / "away")
    assert look(2) == []
    assert len(told := look(4)) == 1 and "no git repository" in told[0]
    assert look(6) == told
    (tmp_path / "away").rename(tmp_path / "code")
    assert look(8) == look(10) == [*told, "well"]
    for subject in ("another", "a third"):
        with Repo(tmp_path / "code") as repository:
            identity = ("-c", "user.name=x", "-c", "user.email=x@x")
            repository.git.execute(["git", *identity, "commit", "--amend", "--message", subject])
        told = look(12 if subject == "another" else 14)
    assert [one[: len(REWRITTEN)] for one in told[2:]] == [REWRITTEN, REWRITTEN]


def test_who_is_told_can_be_changed_and_a_webhook_keeps_its_secret(store: Store, crm: int, web: WebServer) -> None:
    one = add(store, crm, webhook("https://hooks.example.com/old"))
    ended(store, crm, 1)
    with store.writing() as session:
        row = session.get_one(NotificationRow, one.id)
        row.attempts, row.not_before, row.problem = 2, utc_now() + timedelta(days=1), "it answered 500"
    changed = hub.edit_notification(store, one.id, replace(hub.values_of(one), url=web.url), ACTOR)
    assert (changed.target, changed.problem, changed.interval) == ({"url": web.url}, None, one.interval)
    assert send(store, utc_now() + SOON) == [None]
    headers, body = web.requests[0][1:]
    signed = headers["X-Pandium-TUI-Timestamp"].encode() + b"." + body
    expected = hmac.new(SECRET.encode(), signed, "sha256").hexdigest()
    assert headers["X-Pandium-TUI-Signature"] == f"sha256={expected}"
    with pytest.raises(RefusedError, match="is a webhook"):
        hub.edit_notification(store, one.id, NotificationValues("command", command=("true",)), ACTOR)
    with pytest.raises(InvalidError, match="secret"):
        hub.edit_notification(store, one.id, NotificationValues("webhook", url=web.url, secret=Secret("x")), ACTOR)


def test_removing_drops_what_waits_and_the_secret(store: Store, crm: int, web: WebServer) -> None:
    one = add(store, crm, webhook(web.url))
    ended(store, crm, 1)
    (batch,) = claim_batches(store, utc_now() + SOON, 10)
    hub.remove_notification(store, one.id, ACTOR)
    record_delivery(store, batch, None, utc_now())
    assert pending(store) == [] and hub.notifications(store) == []
    with store.reading() as reader:
        assert reader.execute("SELECT count(*) FROM sealed_value").fetchone()[0] == 0


def test_old_events_go_but_for_how_each_tenant_stands(store: Store, crm: int, web: WebServer) -> None:
    add(store, crm, webhook(web.url))
    now = utc_now()
    for _ in range(3):
        ended(store, crm, 1)
    send(store, now + SOON)
    with store.writing() as session:
        notifications.forget_old_events(session, now + timedelta(days=40))
        assert len(session.exec(select(NotificationEventRow)).all()) == 1
    ended(store, crm, 1, "Succeeded")
    assert pending(store) == [(1, True)]


def test_an_engine_sends_what_a_real_run_did(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifications, "GATHERING", timedelta())
    store = scenario.store
    tenant = scenario.ready_tenant("echo the log; exit 7")
    got = tmp_path / "got"
    add(
        store,
        tenant.integration_id,
        NotificationValues("command", command=("sh", "-c", f"cat > {got}.new; mv {got}.new {got}")),
    )
    scenario.run(tenant.id)
    chores = Chores(store, lambda: False)
    chores.look(utc_now())
    wait_for(got.exists, "the message")
    told = json.loads(got.read_text())
    assert told["failures"][0]["exit_code"] == 7
    assert "the log" not in got.read_text()
    chores.wait(10)
    wait_for(lambda: hub.notifications(store)[0].sent_date, "note that it arrived")


def test_the_command_line_adds_tests_lists_and_edits(store: Store, crm: int, web: WebServer) -> None:
    line = CommandLine(store.settings.home)
    done = line.run("notification", "add", "crm", "--webhook", web.url, "--from-stdin", "--json", stdin=f"{SECRET}\n")
    made = json.loads(done.stdout)
    assert (made["kind"], made["target"], made["interval"]) == ("webhook", {"url": web.url}, 300)
    assert SECRET not in done.stdout
    web.status = 404
    status, told = line.refused("notification", "test", str(made["id"]))
    assert status == 1 and "answered 404" in told
    (listed,) = line.json("notification", "list", "crm")
    assert (listed["id"], listed["pending"], listed["problem"]) == (made["id"], 0, "127.0.0.1 answered 404")
    edited = line.json("notification", "edit", str(made["id"]), "--interval", "60")
    assert (edited["interval"], edited["target"], edited["problem"]) == (60, {"url": web.url}, "127.0.0.1 answered 404")
    status, told = line.refused("notification", "edit", str(made["id"]), "--command", "true")
    assert status != 0 and "is a webhook: --webhook" in told
