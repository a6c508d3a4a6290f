"""Building releases: fetch, check out, read PANDIUM.yaml, choose the toolchain, then the build under a supervisor."""

import subprocess
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from sqlmodel import col, select

from pandium_tui.builds.container_engine import ContainerEngineError
from pandium_tui.builds.local import plan_build
from pandium_tui.builds.toolchains import ToolchainMissingError
from pandium_tui.engine.base_images import BaseImageError
from pandium_tui.engine.cancellation import clear_folder, token_name
from pandium_tui.engine.containers import plan_release_image
from pandium_tui.engine.fairness import Turns, Waiting, choose
from pandium_tui.engine.isolation import IsolationMissingError, choose_isolation, isolated
from pandium_tui.engine.log_notes import LogNotes
from pandium_tui.engine.memory import recall, remember
from pandium_tui.engine.processes import Job, start_supervisor
from pandium_tui.engine.recording import end_build
from pandium_tui.engine.secret_forms import needles, secrets_in_urls
from pandium_tui.manifest.location import ManifestNotFoundError, ManifestUnreadableError, locate_manifest, read_file
from pandium_tui.manifest.manifest import Manifest, read_manifest
from pandium_tui.settings import Settings
from pandium_tui.sources.accounts import credentials_of
from pandium_tui.sources.errors import FetchCancelledError, SourceError
from pandium_tui.sources.repositories import RepositoryCache
from pandium_tui.storage import queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.tables import IntegrationRow, ReleaseRow
from pandium_tui.storage.times import utc_now

TURNS = "turns of builds"


class BuildStoppedError(Exception):
    """The build cannot go on; the text is the reason the release shows."""


_STOPPING = (
    *(BuildStoppedError, SourceError, ToolchainMissingError),
    *(BaseImageError, ContainerEngineError, IsolationMissingError),
)


def claim_queued_builds(store: Store, engine_id: str) -> list[int]:
    """Claim queued builds for this engine: one at a time per integration, and at most ``builds_at_once`` in all.

    Integrations take turns, so that many builds of one do not hold up the others.
    """
    claimed: list[int] = []
    with store.writing() as session:
        open_builds = session.exec(
            select(ReleaseRow).where(col(ReleaseRow.status).in_(("Queued", "Building"))).order_by(col(ReleaseRow.id))
        ).all()
        busy = {build.integration_id: 1 for build in open_builds if build.status == "Building"}
        queued = {build.id: build for build in open_builds if build.status == "Queued" and build.id is not None}
        waiting = [Waiting(release_id, build.integration_id) for release_id, build in queued.items()]
        turns = Turns(**(recall(session, TURNS) or {}))
        one_each = {one.integration_id: 1 for one in waiting}
        chosen = choose(waiting, store.settings.builds_at_once - len(busy), turns, busy, one_each)
        if chosen:
            remember(session, TURNS, asdict(turns))
        for build in (queued[release_id] for release_id in chosen):
            build.status = "Building"
            build.claimed_by = engine_id
            build.attempt += 1
            build.started_date = build.modified_date = utc_now()
            assert build.id is not None
            claimed.append(build.id)
    return claimed


def build(store: Store, release_id: int, interrupted: Callable[[], bool]) -> subprocess.Popen[bytes] | None:
    """Bring a claimed build to the point where its supervisor runs it; a build that cannot go on ends with the reason.

    Takes as long as the network does: call it from a thread of its own. When ``interrupted`` says so it gives up
    without a word, and the next engine begins again.
    """
    folder = store.settings.release_folder(release_id)
    try:
        with store.reading() as reader:
            asked = queries.release(reader, release_id)
        assert asked is not None
        clear_folder(folder, asked.created_date)
        with LogNotes(folder) as log:
            try:
                job = _prepare(store, release_id, folder, log, interrupted)
            except _STOPPING as error:
                for line in str(error).splitlines():
                    log.note(line)
                raise
        if job is not None:
            return start_supervisor(job)
        with store.writing() as session:
            end_build(session, session.get_one(ReleaseRow, release_id), ready=True, reason=None)
    except FetchCancelledError:
        if not interrupted():
            fail_build(store, release_id, None)
    except (*_STOPPING, OSError) as error:
        fail_build(store, release_id, str(error).splitlines()[0])
    return None


def _prepare(store: Store, release_id: int, folder: Path, log: LogNotes, interrupted: Callable[[], bool]) -> Job | None:
    """The job of a build; None when there is nothing to do but to keep the files."""
    settings = store.settings
    with store.writing() as session:
        release = session.get_one(ReleaseRow, release_id)
        integration = session.get_one(IntegrationRow, release.integration_id)
        url, path, account_id = integration.repository_url or "", release.path, integration.source_account_id
        branch, asked_commit, integration_name = release.branch, release.commit, integration.name
        claim = token_name(release.created_date, release.attempt)

    def cancelled() -> bool:
        if interrupted():
            return True
        with store.reading() as reader:
            row = reader.execute("SELECT cancel_requested_by FROM release WHERE id = ?", (release_id,)).fetchone()
        return row is None or row[0] is not None

    def progress(line: str) -> None:
        # Git counts upwards in every line but the last one of each step.
        if "%" not in line or line.endswith("done."):
            log.note(line)

    log.note(f"fetching {url}")
    credentials = credentials_of(store, account_id)
    repository = RepositoryCache(settings.repositories_folder).fetch(
        url, credentials=credentials, progress=progress, cancelled=cancelled
    )
    commit = repository.resolve(branch, asked_commit)
    log.note(f"checking out {commit.sha} {commit.subject}")
    source = folder / "source"
    repository.check_out(commit.sha, source)
    manifest, directory = _read_manifest(source, path, log)
    with store.writing() as session:
        release = session.get_one(ReleaseRow, release_id)
        release.commit, release.commit_subject = commit.sha, commit.subject
        release.branch = release.branch or commit.branch
        _keep_manifest(release, manifest, str(directory.relative_to(source)))
    token = [credentials.token.reveal()] if credentials and credentials.token else []
    if settings.executor != "local":
        if cancelled():
            raise FetchCancelledError
        place = str(directory.relative_to(source))
        command = plan_release_image(store, release_id, place, manifest, integration_name, claim)
        return _job(settings, folder, claim, (command.arguments,), folder, command.environment, token)
    plan = plan_build(
        release_folder=folder,
        directory=directory,
        language=manifest.base.language,
        version=manifest.base.version,
        build=manifest.build,
        run=manifest.run,
    )
    for warning in plan.warnings:
        log.note(f"warning: {warning}")
    isolation = choose_isolation(settings)
    with store.writing() as session:
        release = session.get_one(ReleaseRow, release_id)
        release.isolation = isolation.words if plan.commands else None
        release.toolchain = f"{plan.toolchain.language} {plan.toolchain.version} ({plan.toolchain.executable})"
        release.path_entries = [str(entry) for entry in plan.toolchain.path_entries]
        release.warnings = [*release.warnings, *plan.warnings]
    if cancelled():
        raise FetchCancelledError
    if not plan.commands:
        log.note("nothing to build: PANDIUM.yaml has no build command")
        return None
    job = _job(settings, folder, claim, plan.commands, plan.directory, plan.environment, token)
    return isolated(
        isolation,
        settings,
        job,
        language=manifest.base.language,
        path_entries=plan.toolchain.path_entries,
        readable=(),
        writable=plan.folders,
    )


def _job(
    settings: Settings,
    folder: Path,
    claim: str,
    commands: tuple[tuple[str, ...], ...],
    directory: Path,
    environment: dict[str, str],
    to_mask: list[str],
) -> Job:
    return Job(
        folder=folder,
        token=claim,
        commands=commands,
        directory=directory,
        environment=environment,
        time_limit=settings.build_time_limit,
        grace=settings.kill_grace,
        log_limit=settings.log_limit,
        state_limit=0,
        needles=needles([*to_mask, *secrets_in_urls(environment)]),
    )


def _read_manifest(source: Path, path: str, log: LogNotes) -> tuple[Manifest, Path]:
    try:
        file = locate_manifest(source, path)
        reading = read_manifest(read_file(file))
    except (ManifestNotFoundError, ManifestUnreadableError) as error:
        raise BuildStoppedError(str(error)) from error
    name = file.relative_to(source.resolve())
    lines = [f"{name}:{one.line}:{one.column}: {one.severity}: {one.message}" for one in reading.problems]
    if reading.manifest is None:
        raise BuildStoppedError("\n".join(lines))
    for line in lines:
        log.note(line)
    return reading.manifest, source / name.parent


def _keep_manifest(release: ReleaseRow, manifest: Manifest, directory: str) -> None:
    release.directory = directory
    release.base = manifest.base.text
    release.build_command = manifest.build
    release.run_command = manifest.run
    release.config_schema = manifest.config_schema
    release.config_uischema = manifest.config_uischema
    release.config_version = manifest.version
    release.metadata_schema = (manifest.metadata_schema or {}).get("schema")
    release.manifest = manifest.text
    release.modified_date = utc_now()


def fail_build(store: Store, release_id: int, reason: str | None) -> None:
    """End a claimed build that did not get as far as its supervisor; without a reason, because it was cancelled."""
    with store.writing() as session:
        release = session.get_one(ReleaseRow, release_id)
        if release.status == "Building":
            end_build(session, release, ready=False, reason=reason or f"cancelled by {release.cancel_requested_by}")
