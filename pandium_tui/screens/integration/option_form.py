"""Add or change a schedule that tenants may choose."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pandium_tui.hub.errors import InvalidError
from pandium_tui.hub.schedule_options import option_problems
from pandium_tui.screens.form import Checked, Form, Raw
from pandium_tui.screens.schedule_words import DIALECT, explained
from pandium_tui.storage.records import ScheduleOption
from pandium_tui.widgets.field import Field
from pandium_tui.widgets.text_input import TextInput
from pandium_tui.widgets.zone_input import ZoneInput


class OptionForm(Form):
    """The form; its result is 1 when ``option`` is to be kept. Nothing is saved before the page it belongs to is."""

    SAVE_LABEL = "Keep"

    def __init__(
        self, option: ScheduleOption, others: Sequence[ScheduleOption], zone: str, draft_name: str = ""
    ) -> None:
        """Make the form; ``zone`` is the one in which the next fires are shown."""
        super().__init__()
        self._draft_name = draft_name
        self.option = option
        self.zone = zone
        self._others = tuple(others)
        self._new = not option.cron

    def heading(self) -> str:
        """What the form is for."""
        return "New schedule option" if self._new else f"Schedule option {self.option.label}"

    @property
    def draft_name(self) -> str:
        """As the table of the option says."""
        return self._draft_name

    def fields(self) -> Iterable[Field]:
        """What tenants read, when it fires, and the zone to look at it in."""
        yield Field("label", "Label", TextInput(self.option.label), "What tenants read in the list")
        yield Field("cron", "Cron expression", TextInput(self.option.cron), DIALECT)
        yield Field(
            "timezone", "Show fires in zone", ZoneInput(self.zone), "Only for this view: every tenant has its own zone"
        )

    def changed_labels(self) -> list[str]:
        """Which zone is looked at is not lost work."""
        return [label for label in super().changed_labels() if label != self._fields["timezone"].label]

    def check(self, raw: Raw) -> Checked:
        """What is wrong, and when it would fire."""
        problems = option_problems(self._option(raw), self._others)
        hint = DIALECT
        if raw["cron"].strip() and "cron" not in problems:
            try:
                hint = explained(raw["cron"], raw["timezone"].strip() or "UTC")
            except InvalidError as error:
                problems |= {
                    "timezone" if name == "timezone" else "cron": text for name, text in error.problems.items()
                }
        return Checked(problems, {"cron": hint})

    def save(self, raw: Raw) -> int:
        """Keep it for the page."""
        self.option = self._option(raw)
        self.zone = raw["timezone"].strip()
        return 1

    def _option(self, raw: Raw) -> ScheduleOption:
        return replace(self.option, label=raw["label"].strip(), cron=" ".join(raw["cron"].split()))
