"""From rows of the reading queries to records."""

import json
import sqlite3
from datetime import datetime
from typing import Any

from pandium_tui.storage.records import Integration, Release, Run, RunBrief, ScheduleOption, Tenant, Trigger
from pandium_tui.storage.times import from_text


def parsed(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def brief(row: sqlite3.Row, prefix: str) -> RunBrief | None:
    if row[f"{prefix}_id"] is None:
        return None
    return RunBrief(
        id=row[f"{prefix}_id"],
        phase=row[f"{prefix}_phase"],
        mode=row[f"{prefix}_mode"],
        created_date=moment(row[f"{prefix}_created_date"]),
        started_date=from_text(row[f"{prefix}_started_date"]),
        completed_date=from_text(row[f"{prefix}_completed_date"]),
    )


def integration_of(row: sqlite3.Row) -> Integration:
    return Integration(
        id=row["id"],
        name=row["name"],
        long_name=row["long_name"],
        type=row["type"],
        target_url=row["target_url"],
        repository_url=row["repository_url"],
        repository_tracking_branch=row["repository_tracking_branch"],
        repository_path=row["repository_path"],
        default_release_id=row["default_release_id"],
        default_release_name=row["default_release_name"],
        default_release_channel=row["default_release_channel"],
        run_time_limit=row["run_time_limit"],
        source_account_id=row["source_account_id"],
        schedule_options=tuple(ScheduleOption(**option) for option in parsed(row["schedule_options"])),
        custom_schedules=bool(row["custom_schedules"]),
        paused_by_default=bool(row["paused_by_default"]),
        paused=bool(row["paused"]),
        catch_up=bool(row["catch_up"]),
        catch_up_window=row["catch_up_window"],
        retry_count=row["retry_count"],
        retry_backoff=row["retry_backoff"],
        runs_at_once=row["runs_at_once"],
        archived=bool(row["archived"]),
        created_date=moment(row["created_date"]),
        modified_date=moment(row["modified_date"]),
        tenants=row["tenants"],
        last_run=brief(row, "last_run"),
        next_run=from_text(row["next_run"]),
        running=row["running"],
        queued=row["queued"],
        failures_24h=row["failures_24h"],
        latest_release_id=row["latest_release_id"],
        latest_release_name=row["latest_release_name"],
        newest_build_status=row["newest_build_status"],
        polling_interval=row["polling_interval"],
        polled_date=from_text(row["polled_date"]),
        polled_commit=row["polled_commit"],
        source_problem=row["source_problem"],
    )


def release_of(row: sqlite3.Row) -> Release:
    return Release(
        id=row["id"],
        integration_id=row["integration_id"],
        integration_name=row["integration_name"],
        name=row["name"],
        tag=row["tag"],
        commit=row["commit"],
        commit_subject=row["commit_subject"],
        branch=row["branch"],
        path=row["path"],
        base=row["base"],
        build_command=row["build_command"],
        run_command=row["run_command"],
        config_schema=parsed(row["config_schema"]),
        config_uischema=parsed(row["config_uischema"]),
        config_version=row["config_version"],
        metadata_schema=parsed(row["metadata_schema"]),
        manifest=row["manifest"],
        toolchain=row["toolchain"],
        warnings=tuple(parsed(row["warnings"])),
        status=row["status"],
        reason=row["reason"],
        started_by=row["started_by"],
        cancel_requested_by=row["cancel_requested_by"],
        started_date=from_text(row["started_date"]),
        completed_date=from_text(row["completed_date"]),
        created_date=moment(row["created_date"]),
        modified_date=moment(row["modified_date"]),
        is_default=bool(row["is_default"]),
        is_latest=bool(row["is_latest"]),
        tenants=row["tenants"],
        retired_date=from_text(row["retired_date"]),
        isolation=row["isolation"],
    )


def tenant_of(row: sqlite3.Row) -> Tenant:
    return Tenant(
        id=row["id"],
        name=row["name"],
        integration_id=row["integration_id"],
        integration_name=row["integration_name"],
        integration_release_id=row["integration_release_id"],
        integration_release_channel=row["integration_release_channel"],
        release_id=row["release_id"],
        release_name=row["release_name"],
        configs=parsed(row["configs"]),
        sealed_configs=tuple(sorted(parsed(row["sealed_configs"]))),
        paused=bool(row["paused"]),
        user_schedule=row["user_schedule"],
        schedule=row["schedule"],
        timezone=row["timezone"],
        next_run=from_text(row["next_run"]),
        source=row["source"],
        archived=bool(row["archived"]),
        dynamic_configs=parsed(row["dynamic_configs"]),
        dynamic_configs_run_id=row["dynamic_configs_run_id"],
        dynamic_configs_date=from_text(row["dynamic_configs_date"]),
        metadata=parsed(row["metadata"]),
        created_date=moment(row["created_date"]),
        modified_date=moment(row["modified_date"]),
        last_run=brief(row, "last_run"),
        current_run=brief(row, "current_run"),
        last_successful_run=brief(row, "last_successful_run"),
        held_triggers=row["held_triggers"],
    )


def run_of(row: sqlite3.Row) -> Run:
    return Run(
        id=row["id"],
        tenant_id=row["tenant_id"],
        tenant_name=row["tenant_name"],
        integration_id=row["integration_id"],
        integration_name=row["integration_name"],
        release_id=row["release_id"],
        release_name=row["release_name"],
        mode=row["mode"],
        phase=row["phase"],
        sources=tuple(row["sources"].split(",")) if row["sources"] else (),
        time_limit=row["time_limit"],
        configs=parsed(row["configs"]),
        exit_code=row["exit_code"],
        reason=row["reason"],
        state=row["state"],
        warnings=tuple(parsed(row["warnings"])),
        log_bytes=row["log_bytes"],
        cancel_requested_by=row["cancel_requested_by"],
        created_date=moment(row["created_date"]),
        started_date=from_text(row["started_date"]),
        completed_date=from_text(row["completed_date"]),
        isolation=row["isolation"],
    )


def trigger_of(row: sqlite3.Row) -> Trigger:
    return Trigger(
        id=row["id"],
        tenant_id=row["tenant_id"],
        source=row["source"],
        mode=row["mode"],
        payload_bytes=row["payload_bytes"],
        headers=parsed(row["headers"]),
        scheduled_for=from_text(row["scheduled_for"]),
        created_by=row["created_by"],
        created_date=moment(row["created_date"]),
        run_id=row["run_id"],
        ended_date=from_text(row["ended_date"]),
        ended_reason=row["ended_reason"],
        note=row["note"],
        not_before=from_text(row["not_before"]),
    )
