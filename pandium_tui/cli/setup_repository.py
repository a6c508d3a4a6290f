"""``pandium-tui integration setup-repository``."""

import sys
from enum import Enum
from typing import Annotated

import typer

from pandium_tui.cli.context import of, reported
from pandium_tui.cli.output import AsJson, print_json, print_record
from pandium_tui.hub import integrations
from pandium_tui.hub.errors import RefusedError
from pandium_tui.hub.repository_setup import plan_setup, push_setup
from pandium_tui.sources.scaffold import ScaffoldPlan
from pandium_tui.text import visible


class Language(Enum):
    """What the integration is written in."""

    python = "python"
    node = "node"


_MARKS = {"new": "+ {path}: new", "same": "= {path}: there already", "differs": "! {path}: there, and different"}


def setup_repository(
    context: typer.Context,
    integration: Annotated[str, typer.Argument(metavar="INTEGRATION", help="Its id or name.")],
    language: Annotated[Language, typer.Option(help="What the integration is written in.")],
    branch: Annotated[str | None, typer.Option(help="Branch to push to; the tracking branch without one.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be written.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Also write files that are there and different, without asking.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Setup Integration Repo: push the files an integration begins with, as one commit.

    Files that are there are asked for one by one on a terminal, and left alone otherwise.
    """
    with reported():
        store = of(context).store
        parent = integrations.integration(store, integration)
        plan = plan_setup(store, parent.id, language.value, branch, progress=_tell)
        _show(plan)
        if dry_run:
            if as_json:
                files = [{"path": one.path, "state": one.state, "bytes": len(one.content)} for one in plan.files]
                print_json({"branch": plan.branch, "base": plan.base, "files": files})
            return
        chosen = _to_overwrite(plan, overwrite)
        if not plan.written(chosen):
            raise RefusedError(f"Nothing to write on {plan.branch}. Give --overwrite to replace files that are there.")
        print_record(push_setup(store, parent.id, plan, of(context).actor, overwrite=chosen, progress=_tell), as_json)


def _to_overwrite(plan: ScaffoldPlan, overwrite: bool) -> list[str]:
    different = [one.path for one in plan.files if one.state == "differs"]
    if overwrite or not sys.stdin.isatty():
        return different if overwrite else []
    return [path for path in different if typer.confirm(f"Overwrite {visible(path)}?", err=True)]


def _show(plan: ScaffoldPlan) -> None:
    begins = ", a new branch" if plan.starts_branch else ""
    typer.echo(f"{plan.language} on {visible(plan.branch)}{begins}:", err=True)
    for one in plan.files:
        typer.echo(_MARKS[one.state].format(path=visible(one.path)), err=True)


def _tell(line: str) -> None:
    # Git counts upwards in every line but the last one of each step.
    if "%" not in line or line.endswith("done."):
        typer.echo(visible(line), err=True)
