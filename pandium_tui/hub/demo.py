"""The demo: the bundled sample brought from a git repository to succeeded runs, in a home folder of its own."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from pandium_tui.hub import integrations, releases, runs, tenants
from pandium_tui.hub.actor import Actor
from pandium_tui.hub.errors import RefusedError
from pandium_tui.hub.integrations import IntegrationValues
from pandium_tui.hub.tenants import TenantValues
from pandium_tui.settings import Settings
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import Release, Run, Tenant

SAMPLE = Path(__file__).parent.parent / "samples" / "contact_sync"
MARK = ".pandium-tui-demo"
NAME = "contact-sync"

NEW_CONTACTS = """\
dennis@example.com,Dennis Ritchie,customer
radia@example.com,Radia Perlman,customer
"""


def demo_settings(settings: Settings) -> Settings:
    """The settings of the demo: everything as configured, in a home folder beside the real one."""
    return replace(settings, home=settings.home.with_name(f"{settings.home.name}-demo"))


def clear_demo_home(home: Path) -> None:
    """Make the demo's home folder anew.

    Raises:
        RefusedError: the folder exists and was not made by a demo.
    """
    if home.exists():
        if not (home / MARK).exists():
            raise RefusedError(f"The folder {home} is in the way and is not a demo's: move it or give another --home.")
        shutil.rmtree(home)
    data = data_folder(home)
    data.mkdir(mode=0o700, parents=True)
    (home / MARK).touch()
    # The sample copies from one file into another one, where integrations talk to other systems.
    (home / "config.toml").write_text(f"isolation_writable = [{json.dumps(str(data))}]\n", encoding="utf-8")


def data_folder(home: Path) -> Path:
    """Where the sample finds its CSV file and leaves its databases."""
    return home / "data"


def make_sample_repository(home: Path) -> Path:
    """A git repository with the sample in one commit; its CSV file is also laid where runs find it."""
    from git import Actor as GitActor
    from git import Repo

    folder = home / "sample-repository"
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    repository = Repo.init(folder, initial_branch="main")
    repository.git.add("--all")
    author = GitActor("pandium-tui demo", "demo@example.com")
    repository.index.commit("The contact sync sample", author=author, committer=author)
    repository.close()
    shutil.copy(SAMPLE / "contacts.csv", data_folder(home) / "contacts.csv")
    return folder


def set_up_demo(store: Store, actor: Actor) -> tuple[Release, list[Tenant]]:
    """Create the integration, ask for its build, and create two tenants with different settings.

    The tenants follow the latest release; an engine has to build it.
    """
    home = store.settings.home
    repository = make_sample_repository(home)
    integration = integrations.create_integration(
        store,
        IntegrationValues(
            NAME,
            long_name="Contact sync",
            repository_url=str(repository),
            repository_tracking_branch="main",
            default_release_channel="Latest",
        ),
        actor,
    )
    release = releases.build_release(store, integration.id, actor, tag="demo")
    made = []
    for name, segment, schedule in (("acme", "all", "*/15 * * * *"), ("globex", "customer", "0 6 * * 1-5")):
        values = TenantValues(
            name,
            configs={
                "csv_file": str(data_folder(home) / "contacts.csv"),
                "database_file": str(data_folder(home) / f"{name}.sqlite"),
                "segment": segment,
            },
            user_schedule=schedule,
        )
        made.append(tenants.create_tenant(store, integration.id, values, actor))
    return release, made


def demo_story(
    store: Store,
    actor: Actor,
    wait_for_build: Callable[[Release], Release],
    wait_for_run: Callable[[int], Run],
) -> Iterator[tuple[str, Release | Run]]:
    """Bring the sample to succeeded runs, step by step.

    Args:
        store: of the demo's home folder, made by ``clear_demo_home``.
        actor: who looks at the demo.
        wait_for_build: gives the release once its build has ended.
        wait_for_run: gives the run of a trigger (by id) once it has ended.

    Yields:
        What was done, in words, with the release or run as it ended.
    """
    release, made = set_up_demo(store, actor)
    release = wait_for_build(release)
    yield "built the sample", release
    if release.status != "Ready":
        return
    integrations.set_default_release(store, release.integration_id, release.id, actor)
    for tenant in made:
        yield f"init run of {tenant.name}", wait_for_run(runs.start_run(store, tenant.id, actor, mode="init").id)
    for tenant in made:
        yield f"first run of {tenant.name}", wait_for_run(runs.start_run(store, tenant.id, actor).id)
    with (data_folder(store.settings.home) / "contacts.csv").open("a", encoding="utf-8") as file:
        file.write(NEW_CONTACTS)
    for tenant in made:
        yield (
            f"second run of {tenant.name}, after two new contacts",
            wait_for_run(runs.start_run(store, tenant.id, actor).id),
        )


def demo_failure(steps: list[Release | Run]) -> str | None:
    """What did not go as the demo promises, None when all did."""
    release = steps[0]
    if not isinstance(release, Release) or release.status != "Ready":
        return f"the sample was not built: {release.reason}"
    ended = [step for step in steps if isinstance(step, Run)]
    for run in ended:
        if run.phase != "Succeeded":
            return f"run {run.id} of {run.tenant_name} ended as {run.phase}: {run.reason}"
    states = [json.loads(run.state or "{}") for run in ended]
    if [state.get("row") for state in states[2:]] != [9, 9, 11, 11] or states[4].get("copied") != 2:
        return f"the runs did not do what they should: {states}"
    return None
