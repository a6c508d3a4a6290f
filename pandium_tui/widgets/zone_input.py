"""A line for the name of a time zone, which it completes."""

from zoneinfo import available_timezones

from textual.suggester import SuggestFromList

from pandium_tui.widgets.text_input import TextInput


class ZoneInput(TextInput):
    """A time zone by its IANA name; the right arrow takes what is suggested."""

    def __init__(self, zone: str) -> None:
        super().__init__(zone, suggester=SuggestFromList(sorted(available_timezones()), case_sensitive=False))
