"""Recording how a run or build ended: once, by whoever looks first, from the result its supervisor left."""

import json
import signal
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlmodel import Session, col

from pandium_tui.engine.metadata import new_metadata
from pandium_tui.engine.notifications import note_build_end, note_run_end
from pandium_tui.engine.processes import Result
from pandium_tui.engine.retrying import ask_for_retry
from pandium_tui.manifest.form.choices import dynamic_from_state
from pandium_tui.storage.database import Store
from pandium_tui.storage.setup_tables import ConnectionRow, ConnectorRow
from pandium_tui.storage.tables import IntegrationRow, ReleaseRow, RunRow, TenantRow
from pandium_tui.storage.times import utc_now
from pandium_tui.storage.vocabulary import (
    CANCELLED,
    FAILED_INTEGRATION,
    FAILED_METADATA,
    FAILED_PLATFORM,
    FAILED_TIMEOUT,
    RUNNING,
    SUCCEEDED,
)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended, as it is recorded; ``retried`` is False when another try would meet the same."""

    phase: str
    reason: str | None = None
    exit_code: int | None = None
    state: str | None = None
    warnings: tuple[str, ...] = ()
    started: datetime | None = None
    completed: datetime | None = None
    log_bytes: int | None = None
    retried: bool = True


def record_runs(store: Store, results: Mapping[int, Result]) -> None:
    """Record the ends of runs from their supervisors' results, by run id; what was recorded already stays."""
    with store.writing() as session:
        for run_id, result in results.items():
            run = session.get(RunRow, run_id)
            if run is not None and run.phase == RUNNING:
                end_run(session, run_id, ending_of(result, run.time_limit or 0, run.cancel_requested_by))


def end_run(session: Session, run_id: int, ending: Ending) -> bool:
    """End a running run; False when it is not running any more. What hangs on it moves in the same transaction.

    The state of a successful run that its release's metadata_schema refuses makes it a failure. A run that does not
    count as the tenant's state leaves the tenant as it is.
    """
    run = session.get_one(RunRow, run_id)
    # When it was claimed, before its secrets were opened; its result brings a later moment.
    claimed = run.started_date
    release = None if run.release_id is None else session.get(ReleaseRow, run.release_id)
    metadata: dict[str, Any] = {}
    if ending.phase == SUCCEEDED:
        metadata, problem = new_metadata(release, run.mode, ending.state)
        if problem:
            reason = f"its state does not fit the metadata_schema of the release: {problem}"
            ending = replace(ending, phase=FAILED_METADATA, reason=reason)
    changed = session.connection().execute(
        update(RunRow)
        .where(col(RunRow.id) == run_id, col(RunRow.phase) == RUNNING)
        .values(
            phase=ending.phase,
            reason=ending.reason,
            exit_code=ending.exit_code,
            state=ending.state,
            warnings=list(ending.warnings),
            completed_date=ending.completed or utc_now(),
            log_bytes=ending.log_bytes,
            **({} if ending.started is None else {"started_date": ending.started}),
        )
    )
    if changed.rowcount != 1:
        return False
    run = session.get_one(RunRow, run_id, populate_existing=True)
    if not (ending.retried and ask_for_retry(session, run, utc_now())):
        note_run_end(session, run, utc_now())
    tenant = session.get_one(TenantRow, run.tenant_id)
    if ending.phase == SUCCEEDED and claimed is not None:
        _prove_connections(session, tenant, claimed, run.completed_date or utc_now())
    if not run.counts_as_state:
        return True
    tenant.last_run_id = run_id
    if ending.phase == SUCCEEDED:
        tenant.last_successful_run_id = run_id
        if metadata:
            tenant.tenant_metadata = {**tenant.tenant_metadata, **metadata}
        if run.mode == "init":
            _keep_dynamic_configs(session, tenant, run)
    return True


def _prove_connections(session: Session, tenant: TenantRow, claimed: datetime, completed: datetime) -> None:
    """A run that succeeded proves what it was given: the connections that nobody has changed since it was claimed."""
    given = select(col(ConnectorRow.id)).where(
        col(ConnectorRow.integration_id) == tenant.integration_id, col(ConnectorRow.modified_date) < claimed
    )
    session.connection().execute(
        update(ConnectionRow)
        .where(
            col(ConnectionRow.connector_id).in_(given),
            or_(col(ConnectionRow.tenant_id) == tenant.id, col(ConnectionRow.tenant_id).is_(None)),
            col(ConnectionRow.modified_date) < claimed,
            col(ConnectionRow.disabled).is_(False),
            col(ConnectionRow.reconnect_reason).is_(None),
        )
        .values(proven_date=completed)
    )


def ending_of(result: Result, time_limit: int, cancelled_by: str | None) -> Ending:
    """What a supervisor's result means for the run."""
    phase, reason = _phase_and_reason(result, time_limit, cancelled_by)
    state, warnings = result.state, list(_log_warnings(result))
    if result.state_problem is not None:
        phase = FAILED_INTEGRATION if phase == SUCCEEDED else phase
        reason = reason or f"its state cannot be kept: {result.state_problem}"
        state = None
    if phase == FAILED_TIMEOUT and state is not None:
        warnings.append("it had printed a state, which a run over its time limit loses")
        state = None
    if state is not None and result.state_masked:
        warnings.append(
            "secrets were masked in its state (the last line it printed to stdout): the next run gets it so"
        )
    if state is not None and parsed_state(state) is NOT_JSON:
        warnings.append("its state (the last line it printed to stdout) is not JSON; it is kept as it is")
    return Ending(
        phase=phase,
        reason=reason,
        exit_code=result.exit_code,
        state=state,
        warnings=tuple(warnings),
        started=_moment(result.started),
        completed=_moment(result.completed),
        log_bytes=result.log_bytes,
    )


def _phase_and_reason(result: Result, time_limit: int, cancelled_by: str | None) -> tuple[str, str | None]:
    match result.outcome:
        case "exited" if result.exit_code == 0:
            return SUCCEEDED, None
        case "exited":
            return FAILED_INTEGRATION, result.reason or f"it ended with exit code {result.exit_code}"
        case "signalled":
            return FAILED_INTEGRATION, result.reason or f"it was ended by {_signal_name(result.signal)}"
        case "timeout":
            return FAILED_TIMEOUT, f"it ran longer than its limit of {time_limit} s and was ended"
        case "cancelled":
            return CANCELLED, f"cancelled by {cancelled_by}" if cancelled_by else "its supervisor was asked to stop"
        case _:
            return FAILED_PLATFORM, result.reason or "its supervisor left a result that cannot be read"


def _log_warnings(result: Result) -> list[str]:
    warnings = []
    if result.log_cut_bytes:
        warnings.append(f"its log was over the limit: {result.log_cut_bytes} bytes were cut from the middle")
    if result.log_lost_bytes:
        warnings.append(f"{result.log_lost_bytes} bytes of its log could not be written (disk full?)")
    if result.left_over:
        warnings.append(f"{result.left_over} processes it had left running were ended")
    return warnings


def record_build(store: Store, release_id: int, result: Result) -> bool:
    """Record the end of a build from its supervisor's result; False when somebody recorded it already."""
    with store.writing() as session:
        release = session.get(ReleaseRow, release_id)
        if release is None or release.status != "Building":
            return False
        integration = session.get_one(IntegrationRow, release.integration_id)
        ready = result.outcome == "exited" and result.exit_code == 0
        reason = None if ready else _build_reason(result, store.settings.build_time_limit, release)
        end_build(session, release, ready=ready, reason=reason, completed=_moment(result.completed))
        release.warnings = [*release.warnings, *_log_warnings(result)]
        integration.modified_date = utc_now()
    return True


def end_build(
    session: Session, release: ReleaseRow, *, ready: bool, reason: str | None, completed: datetime | None = None
) -> None:
    """Set the end of a build on its row, and note it for those who are told."""
    release.status = "Ready" if ready else "Failed"
    release.reason = reason
    release.completed_date = completed or utc_now()
    release.modified_date = utc_now()
    note_build_end(session, release)


def _build_reason(result: Result, time_limit: int, release: ReleaseRow) -> str:
    match result.outcome:
        case "exited":
            return f"the build command ended with exit code {result.exit_code}; its log says why"
        case "signalled":
            return f"the build was ended by {_signal_name(result.signal)}"
        case "timeout":
            return f"the build took longer than its limit of {time_limit} s and was ended"
        case "cancelled":
            return f"cancelled by {release.cancel_requested_by or 'a signal to its supervisor'}"
        case _:
            return result.reason or "its supervisor left a result that cannot be read"


def _keep_dynamic_configs(session: Session, tenant: TenantRow, run: RunRow) -> None:
    """The choices an init run printed become the tenant's dynamic configs; none at all change nothing."""
    release = session.get(ReleaseRow, run.release_id)
    choices, notes = dynamic_from_state(run.state or "", release.config_schema if release else None)
    run.warnings = [*run.warnings, *notes]
    if choices:
        tenant.dynamic_configs = choices
        tenant.dynamic_configs_run_id = run.id
        tenant.dynamic_configs_date = run.completed_date


NOT_JSON = object()
"""What :func:`parsed_state` gives for a text that is not JSON."""


def parsed_state(text: str) -> object:
    """The JSON value of a state, or ``NOT_JSON``."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return NOT_JSON


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON (RFC 8259)")


def _signal_name(number: int | None) -> str:
    try:
        return signal.Signals(number or 0).name
    except ValueError:
        return f"signal {number}"


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)
