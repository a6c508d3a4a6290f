"""What the tab Configure offers and shows, and the values that stand in its fields."""

from dataclasses import dataclass, replace

from pandium_tui.hub.integrations import IntegrationValues, integration
from pandium_tui.hub.releases import release, releases
from pandium_tui.hub.source_accounts import source_accounts
from pandium_tui.screens.form import Raw
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import Integration, Release, SourceAccount
from pandium_tui.text import visible

RELEASES_OFFERED = 50
OPTIONS = "schedule_options"
NO_ACCOUNT = 0
NO_RELEASE = 0


@dataclass(frozen=True, slots=True)
class Offered:
    """What the store says for this tab."""

    integration: Integration
    releases: list[Release]
    accounts: list[SourceAccount]


def read_offered(store: Store, integration_id: int) -> Offered:
    """What the store says for the tab."""
    one = integration(store, integration_id)
    newest = releases(store, one.id, limit=RELEASES_OFFERED)
    ready = [found for found in newest if found.status == "Ready" and found.retired_date is None]
    if one.default_release_id is not None and one.default_release_id not in [found.id for found in ready]:
        ready.append(release(store, one.default_release_id))
    return Offered(one, ready, source_accounts(store))


def raw_of(one: Integration) -> Raw:
    """What the fields show of an integration."""
    return {
        "repository_url": one.repository_url or "",
        "source_account_id": one.source_account_id or NO_ACCOUNT,
        "repository_tracking_branch": one.repository_tracking_branch or "",
        "repository_path": one.repository_path,
        "default_release_id": one.default_release_id or NO_RELEASE,
        "default_release_channel": one.default_release_channel or "",
        OPTIONS: one.schedule_options,
        "custom_schedules": one.custom_schedules,
        "paused_by_default": one.paused_by_default,
        "polling_interval": "" if one.polling_interval is None else str(one.polling_interval),
        "run_time_limit": "" if one.run_time_limit is None else str(one.run_time_limit),
        "runs_at_once": "" if one.runs_at_once is None else str(one.runs_at_once),
        "retry_count": str(one.retry_count),
        "retry_backoff": str(one.retry_backoff),
        "catch_up": one.catch_up,
        "catch_up_window": str(one.catch_up_window),
    }


def values_from(raw: Raw, base: IntegrationValues) -> IntegrationValues:
    """The values of the hub, with what the tab does not ask for as it was."""
    return replace(
        base,
        repository_url=raw["repository_url"].strip(),
        source_account_id=raw["source_account_id"] or None,
        repository_tracking_branch=raw["repository_tracking_branch"].strip() or None,
        repository_path=raw["repository_path"].strip(),
        polling_interval=_number(raw["polling_interval"]),
        default_release_channel=raw["default_release_channel"] or None,
        schedule_options=raw[OPTIONS],
        custom_schedules=raw["custom_schedules"],
        paused_by_default=raw["paused_by_default"],
        run_time_limit=_number(raw["run_time_limit"]),
        runs_at_once=_number(raw["runs_at_once"]),
        retry_count=_number(raw["retry_count"]) or 0,
        retry_backoff=_number(raw["retry_backoff"]) or 0,
        catch_up=raw["catch_up"],
        catch_up_window=_number(raw["catch_up_window"]) or 0,
    )


def is_number(text: str) -> bool:
    """Whether a text is a whole number, or empty."""
    return not text.strip() or text.strip().isdecimal()


def _number(text: str) -> int | None:
    return int(text) if text.strip().isdecimal() else None


def account_choices(offered: Offered) -> list[tuple[str, int]]:
    """What can be chosen as source account."""
    known = [(f"{one.name} ({one.provider}, {one.method})", one.id) for one in offered.accounts]
    return [("None: what git on this machine has", NO_ACCOUNT), *known]


def release_choices(offered: Offered) -> list[tuple[str, int]]:
    """What can be chosen as default release."""
    known = [
        (visible(" ".join(part for part in (one.name, one.tag or "", one.commit_subject or "") if part)), one.id)
        for one in offered.releases
    ]
    return [("None", NO_RELEASE), *known]
