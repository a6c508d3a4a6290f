"""Starting claimed runs: their folder, their environment, their supervisor."""

import shutil
import subprocess

from pandium_tui.builds.container_engine import ContainerEngineError
from pandium_tui.builds.local import release_content
from pandium_tui.engine.cancellation import clear_folder, token_name
from pandium_tui.engine.containers import OtherExecutorError, check_executor, in_container
from pandium_tui.engine.dispatch import ClaimedRun
from pandium_tui.engine.isolation import IsolationMissingError, choose_isolation, isolated
from pandium_tui.engine.job import NEW_RESULT
from pandium_tui.engine.processes import SUPERVISOR_ERRORS, Job, start_supervisor
from pandium_tui.engine.recording import Ending, end_run
from pandium_tui.engine.run_environment import run_environment
from pandium_tui.engine.run_secrets import ConnectionUnusableError, run_secrets
from pandium_tui.engine.run_settings import SettingsNeedAttentionError, run_settings
from pandium_tui.engine.secret_forms import needles, secrets_in_urls
from pandium_tui.manifest.base import parse_base
from pandium_tui.settings import Settings
from pandium_tui.storage.database import Store
from pandium_tui.storage.tables import ReleaseRow
from pandium_tui.storage.vault import VaultError
from pandium_tui.storage.vocabulary import FAILED_PLATFORM


def start_run(store: Store, claimed: ClaimedRun) -> subprocess.Popen[bytes] | None:
    """Start the supervisor of a claimed run; a run that cannot be started ends at once with the reason (then None)."""
    settings = store.settings
    run, release = claimed.run, claimed.release
    assert run.id is not None
    assert release.id is not None
    folder = settings.run_folder(run.id)
    directory = settings.release_folder(release.id) / "source" / release.directory
    try:
        check_executor(settings, release)
        if not directory.is_dir():
            raise FileNotFoundError(f"the files of release {release.name} are gone; build it again")
        configs = run_settings(store, claimed)
        secrets = run_secrets(store, run.integration_id, run.tenant_id)
        clear_folder(folder, run.created_date)
        environment = {**run_environment(settings, claimed), **configs.environment}
        job = Job(
            folder=folder,
            token=token_name(run.created_date, run.attempt),
            commands=(("bash", "-c", release.run_command or ""),),
            directory=directory,
            environment={**environment, **secrets.environment},
            time_limit=run.time_limit or settings.run_time_limit,
            grace=settings.kill_grace,
            log_limit=settings.log_limit,
            state_limit=settings.state_limit,
            needles=needles([*configs.to_mask, *secrets.to_mask, *secrets_in_urls(environment)]),
        )
        if release.executor is None:
            return start_supervisor(_isolated(settings, release, job))
        return start_supervisor(in_container(settings, claimed, job))
    except (OtherExecutorError, IsolationMissingError) as error:
        refuse_run(store, run.id, f"it was not started: {error}", retried=False)
        return None
    except (ConnectionUnusableError, ContainerEngineError, VaultError) as error:
        refuse_run(store, run.id, f"it was not started: {error}")
        return None
    except SettingsNeedAttentionError as error:
        refuse_run(store, run.id, f"settings need attention: {error}", retried=False)
        return None
    except OSError as error:
        refuse_run(store, run.id, f"it could not be started: {error}")
        return None


def _isolated(settings: Settings, release: ReleaseRow, job: Job) -> Job:
    assert release.id is not None
    language = parse_base(release.base or "").language
    return isolated(
        choose_isolation(settings),
        settings,
        job,
        language=language,
        path_entries=release.path_entries,
        # Its tenants share a release: none may change what the others run.
        readable=[
            *release_content(settings.release_folder(release.id), language),
            *(job.folder / "metadata.json", job.folder / "payloads"),
        ],
        writable=[job.folder / "tmp"],
    )


def refuse_run(store: Store, run_id: int, reason: str, *, retried: bool = True) -> None:
    """End a claimed run that was not started: our fault, not the integration's."""
    with store.writing() as session:
        end_run(session, run_id, Ending(FAILED_PLATFORM, reason, retried=retried))


def clean_run_folder(store: Store, run_id: int) -> None:
    """Remove what a run needed only while it went on, and what a killed supervisor had reserved for its result."""
    folder = store.settings.run_folder(run_id)
    shutil.rmtree(folder / "tmp", ignore_errors=True)
    for name in (NEW_RESULT, SUPERVISOR_ERRORS):
        (folder / name).unlink(missing_ok=True)
