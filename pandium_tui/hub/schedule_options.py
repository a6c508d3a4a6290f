"""The schedules that an integration offers to its tenants."""

from collections.abc import Sequence

from pandium_tui.storage.records import ScheduleOption

COMMON_OPTIONS = (
    ScheduleOption("Every 15 minutes", "*/15 * * * *"),
    ScheduleOption("Hourly", "0 * * * *", default=True),
    ScheduleOption("Every 6 hours", "0 */6 * * *"),
    ScheduleOption("Daily", "0 0 * * *"),
    ScheduleOption("Weekly", "0 0 * * 0"),
)
"""What a new integration offers."""

MOST_OPTIONS = 50
LABEL_LENGTH = 60


def option_problems(option: ScheduleOption, others: Sequence[ScheduleOption] = ()) -> dict[str, str]:
    """What is wrong with an option beside others, by field. Quick: for use while typing."""
    from pandium_tui.engine.cron import CronError, parse_cron

    problems: dict[str, str] = {}
    if not option.label.strip():
        problems["label"] = "is required: what tenants read, such as Every 2 hours"
    elif len(option.label) > LABEL_LENGTH or not option.label.isprintable():
        problems["label"] = f"may have at most {LABEL_LENGTH} printable characters"
    elif option.label.strip().casefold() in {other.label.casefold() for other in others}:
        problems["label"] = "is the label of another option"
    try:
        parse_cron(option.cron)
    except CronError as error:
        problems["cron"] = str(error)
    else:
        same = [other.label for other in others if same_schedule(option.cron, other.cron)]
        if same:
            problems["cron"] = f"is the schedule of {same[0]}"
    return problems


def options_problem(options: Sequence[ScheduleOption]) -> str | None:
    """What is wrong with a list of options, None when it can be saved."""
    if len(options) > MOST_OPTIONS:
        return f"may be at most {MOST_OPTIONS}"
    for number, option in enumerate(options):
        for field, problem in option_problems(option, options[:number]).items():
            return f"option {number + 1} ({option.label or option.cron}): {field} {problem}"
    if sum(option.default for option in options) > 1:
        return "only one can be the default"
    return None


def default_option(options: Sequence[ScheduleOption]) -> ScheduleOption | None:
    """The option a new tenant begins with, if there is one."""
    return next((option for option in options if option.default), None)


def same_schedule(one: str, other: str) -> bool:
    """Whether two expressions are written alike, but for blanks and case."""
    return one.casefold().split() == other.casefold().split()
