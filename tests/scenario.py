"""Small real integrations for tests: a git repository, built by an engine, with tenants that run."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from git import Actor as GitActor
from git import Repo

from pandium_tui.engine.engine import Engine
from pandium_tui.hub import integrations, releases, runs, tenants
from pandium_tui.hub.actor import Actor
from pandium_tui.hub.integrations import IntegrationValues
from pandium_tui.hub.tenants import TenantValues
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import Release, Run, Tenant
from pandium_tui.storage.vocabulary import ACTIVE_PHASES, Mode
from tests.waiting import wait_for

ACTOR = Actor("tester", "cli")


def commit(folder: Path, files: Mapping[str, str], message: str = "a commit") -> str:
    """Commit files to the repository in a folder, made when needed; returns the commit's hash."""
    repository = Repo(folder) if (folder / ".git").exists() else Repo.init(folder, initial_branch="main", mkdir=True)
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    repository.git.add("--all")
    author = GitActor("Tester", "tester@example.com")
    sha = repository.index.commit(message, author=author, committer=author).hexsha
    repository.close()
    return sha


def manifest(run: str = "true", build: str | None = None, base: str = "go", configs: str = "{}") -> str:
    """The text of a PANDIUM.yaml. The base is one that needs no virtual environment, to be quick."""
    build_line = "" if build is None else f"build: |\n  {build}\n"
    return f"version: 0.4\nbase: {base}\n{build_line}run: |\n  {run}\nconfigs: {configs}\n"


def lay_toolchain(folder: Path) -> str:
    """A toolchain that needs no preparation, for the base ``go``, in a new folder; the PATH that has it first."""
    folder.mkdir()
    (folder / "go").write_text("#!/bin/sh\necho go version go1.24.0 linux/amd64\n")
    (folder / "go").chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


@dataclass
class Scenario:
    """A store with a running engine, and short ways to what tests need."""

    store: Store
    engine: Engine
    folder: Path

    def integration(self, files: Mapping[str, str], name: str = "crm", **values: Any) -> int:
        """An integration over a new repository with these files; its id."""
        repository = self.folder / f"{name}-repository"
        commit(repository, files)
        made = integrations.create_integration(
            self.store,
            IntegrationValues(name, repository_url=str(repository), repository_tracking_branch="main", **values),
            ACTOR,
        )
        return made.id

    def build(self, integration_id: int, **values: Any) -> Release:
        """A release, once its build has ended."""
        asked = releases.build_release(self.store, integration_id, ACTOR, **values)
        return self.built(asked.id)

    def built(self, release_id: int) -> Release:
        """The release once its build has ended."""

        def ended() -> Release | None:
            found = releases.release(self.store, release_id)
            return found if found.status in ("Ready", "Failed") else None

        return wait_for(ended, "end of the build")

    def tenant(self, integration_id: int, name: str = "acme", **values: Any) -> Tenant:
        """A tenant that follows the latest release."""
        values.setdefault("integration_release_channel", "Latest")
        return tenants.create_tenant(self.store, integration_id, TenantValues(name, **values), ACTOR)

    def ready_tenant(self, run: str, **values: Any) -> Tenant:
        """A tenant of a built integration with this run command."""
        integration_id = self.integration({"PANDIUM.yaml": manifest(run)})
        assert self.build(integration_id).status == "Ready"
        return self.tenant(integration_id, **values)

    def start(self, tenant_id: int, mode: Mode = "normal", payload: bytes | None = None) -> Run:
        """A run by hand, once its trigger has become a run."""
        trigger = runs.start_run(self.store, tenant_id, ACTOR, mode=mode, payload=payload)
        return self.run_of(trigger.id)

    def run_of(self, trigger_id: int) -> Run:
        """The run of a trigger, once there is one."""

        def started() -> Run | None:
            run_id = runs.trigger(self.store, trigger_id).run_id
            return None if run_id is None else runs.run(self.store, run_id)

        return wait_for(started, "run of the trigger")

    def ended(self, run_id: int) -> Run:
        """The run once it has ended."""

        def look() -> Run | None:
            found = runs.run(self.store, run_id)
            return None if found.phase in ACTIVE_PHASES else found

        return wait_for(look, "end of the run")

    def run(self, tenant_id: int, mode: Mode = "normal", payload: bytes | None = None) -> Run:
        """A run by hand, once it has ended."""
        return self.ended(self.start(tenant_id, mode, payload).id)

    def log(self, run_id: int) -> list[str]:
        """The texts of a run's log."""
        return [record.text for record in runs.run_log(self.store, run_id).read(0, 10**7).records]
