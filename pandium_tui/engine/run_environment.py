"""What a run receives: its environment, built from nothing, and the files it points to (domain: "A run")."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pandium_tui.builds import local as builds
from pandium_tui.engine.dispatch import ClaimedRun
from pandium_tui.manifest.base import parse_base
from pandium_tui.settings import Settings
from pandium_tui.storage.tables import RunRow, TriggerRow

INLINE_PAYLOAD_LIMIT = 16 * 1024
"""Bytes; a larger payload, or one that is not JSON, is handed over as a file."""

INLINE_TOTAL_LIMIT = 32 * 1024
"""Bytes of the payloads of one run that are handed over inline; those after them are files."""


def run_environment(settings: Settings, claimed: ClaimedRun) -> dict[str, str]:
    """The environment of a run but for settings and secrets. Writes payloads and metadata into its folder.

    The folder must exist.

    Raises:
        OSError: the run's folder cannot be written.
    """
    assert claimed.run.id is not None
    assert claimed.release.id is not None
    folder = settings.run_folder(claimed.run.id)
    temporary = folder / "tmp"
    temporary.mkdir(mode=0o700, exist_ok=True)
    return {
        **builds.run_environment(
            release_folder=settings.release_folder(claimed.release.id),
            language=parse_base(claimed.release.base or "").language,
            path_entries=claimed.release.path_entries,
        ),
        "TZ": "UTC",
        "TMPDIR": str(temporary),
        **_context(claimed, folder),
    }


def _context(claimed: ClaimedRun, folder: Path) -> dict[str, str]:
    metadata = folder / "metadata.json"
    metadata.write_text(json.dumps(claimed.tenant.tenant_metadata, ensure_ascii=False), encoding="utf-8")
    context = {
        "INTEGRATION_ID": str(claimed.integration.id),
        "INTEGRATION_NAME": claimed.integration.name,
        "TENANT_ID": str(claimed.tenant.id),
        "TENANT_NAME": claimed.tenant.name,
        "RUN_ID": str(claimed.run.id),
        "RUN_MODE": claimed.run.mode,
        "RUN_TRIGGERS": _as_json(_triggers_context(claimed.triggers, folder)),
        "ENV": "production",
        "TENANT_METADATA_FILE": str(metadata),
        **_earlier_runs(claimed),
    }
    return {f"PAN_CTX_{name}": value for name, value in context.items()}


def _earlier_runs(claimed: ClaimedRun) -> dict[str, str]:
    """What a run learns of the runs before it; a rerun that was given a state finds it in their place."""
    context = {
        **_earlier_run("LAST_RUN", claimed.last_run),
        **_earlier_run("LAST_SUCCESSFUL_RUN", claimed.last_successful_run),
    }
    given = claimed.triggers[0].given_state if claimed.triggers else None
    if given is None:
        return context
    if not given:
        return {}
    return {**context, "LAST_RUN_STD_OUT": given, "LAST_SUCCESSFUL_RUN_STD_OUT": given}


def _earlier_run(prefix: str, run: RunRow | None) -> dict[str, str]:
    """Absent before there was such a run; the state is empty when that run left none."""
    if run is None:
        return {}
    return {
        f"{prefix}_START_TIME": context_time(run.started_date),
        f"{prefix}_COMPLETION_TIME": context_time(run.completed_date),
        f"{prefix}_PHASE": run.phase,
        f"{prefix}_STD_OUT": run.state or "",
    }


def context_time(moment: datetime | None) -> str:
    """A moment as Pandium writes it: ``2021-07-24 20:04:21 +0000 UTC``."""
    return "" if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S +0000 UTC")


def _triggers_context(triggers: list[TriggerRow], folder: Path) -> list[dict[str, object]]:
    """What a run is told of its triggers. All of it is one environment variable: payloads are inline while they fit."""
    told = []
    room = INLINE_TOTAL_LIMIT
    for trigger in triggers:
        context: dict[str, object] = {"id": str(trigger.id), "source": trigger.source, "mode": trigger.mode}
        if trigger.payload is not None:
            inline = None if trigger.source == "webhook" else _inline(trigger.payload, room)
            if inline is None:
                context["payload"] = _file(trigger, trigger.payload, folder)
            else:
                context["payload"] = inline.value
                room -= inline.length
        context["headers"] = trigger.headers
        told.append(context)
    return told


@dataclass(frozen=True, slots=True)
class _Inline:
    value: object
    length: int


def _inline(payload: bytes, room: int) -> _Inline | None:
    """The value of a payload and how long it is inline; None when it is to be handed over as it is, in a file."""
    if len(payload) > INLINE_PAYLOAD_LIMIT:
        return None
    try:
        value = json.loads(payload)
        length = len(_as_json([{"payload": value}]).encode())
    except (ValueError, RecursionError):  # not JSON, or none that every program could read
        return None
    return _Inline(value, length) if length <= room else None


def _as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _file(trigger: TriggerRow, payload: bytes, folder: Path) -> dict[str, str]:
    payloads = folder / "payloads"
    payloads.mkdir(mode=0o700, exist_ok=True)
    file = payloads / str(trigger.id)
    file.write_bytes(payload)
    return {"file": str(file)}
