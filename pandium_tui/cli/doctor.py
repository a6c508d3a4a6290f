"""``pandium-tui doctor``."""

import typer

from pandium_tui.cli.context import FAILED, of, reported
from pandium_tui.cli.output import AsJson, print_json
from pandium_tui.settings import SettingsError
from pandium_tui.text import visible_block

SIGNS = {"ok": "✓ ok", "warning": "! warning", "problem": "✗ problem"}


def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Look at the store, its key, the disk, toolchains, engines and what is left over, and say what to do.

    Changes nothing. Ends with 1 when there is a problem; a warning is none.
    """
    from pandium_tui.hub import doctor as hub

    with reported():
        try:
            diagnosis = hub.examine(of(context).settings)
        except SettingsError as error:
            diagnosis = hub.broken_settings(error)
        if as_json:
            print_json(diagnosis)
        else:
            for finding in diagnosis.findings:
                typer.echo(f"{SIGNS[finding.status]:<10} {finding.check}: {visible_block(finding.found)}")
                if finding.advice:
                    typer.echo(f"{'':<10} {visible_block(finding.advice)}")
        if diagnosis.status == "problem":
            raise typer.Exit(FAILED)
