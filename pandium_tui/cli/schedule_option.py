"""A schedule option as it is written on the command line."""

from pandium_tui.hub.errors import InvalidError
from pandium_tui.storage.records import ScheduleOption


def parsed_option(text: str) -> ScheduleOption:
    """The option of ``LABEL=CRON``; a ``*`` before the label makes it the default.

    Raises:
        InvalidError: there is no ``=``.
    """
    label, equals, cron = text.rpartition("=")
    if not equals:
        raise InvalidError({"--schedule-option": f"{text!r} must be LABEL=CRON, such as 'Hourly=0 * * * *'"})
    return ScheduleOption(label.removeprefix("*").strip(), " ".join(cron.split()), label.startswith("*"))
