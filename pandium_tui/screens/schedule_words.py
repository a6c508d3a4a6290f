"""A schedule in words, for forms and pages."""

from pandium_tui.hub.schedules import explain_schedule

FIRES_SHOWN = 5
DIALECT = "minute hour day month weekday, such as 30 6 * * mon-fri; or @daily; H spreads the load"
"""What a cron expression is, for the field where one is typed."""


def explained(schedule: str, zone: str) -> str:
    """What a schedule means, its next fires in a zone, and its traps, a line each.

    Raises:
        InvalidError: the expression or the zone cannot be used.
    """
    explanation = explain_schedule(schedule, zone, count=FIRES_SHOWN)
    fires = ", ".join(f"{fire:%a %m-%d %H:%M}" for fire in explanation.fires)
    lines = [explanation.description, f"Next ({explanation.timezone}): {fires}"]
    return "\n".join([*lines, *(f"! {warning}" for warning in explanation.warnings)])
