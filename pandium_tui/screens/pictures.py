"""How runs went over time and when schedules fire, as pictures: of a tenant, of an integration, or of all."""

import time
from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from pandium_tui.hub.history import (
    DAYS,
    HOURS,
    FailuresOfHour,
    FiresOfMinute,
    PastRun,
    RunsOfHour,
    TenantRuns,
    coming_fires,
    failures_by_hour,
    past_runs,
    recent_runs,
    runs_by_hour,
)
from pandium_tui.screens import picture_lines as lines
from pandium_tui.screens.page import Page
from pandium_tui.screens.waiting import ALL, Scope

READ_EVERY = 10.0
"""Seconds between two readings of the numbers: of all integrations they may cost half a second."""


class PicturesPage(Page):
    """The pictures one below the other; ``t`` says the same numbers as text."""

    DEFAULT_CSS = """
    PicturesPage VerticalScroll { padding: 0 1; }
    PicturesPage VerticalScroll Static { text-wrap: nowrap; text-overflow: ellipsis; height: auto; }
    """
    BINDING_GROUP_TITLE = "Over time"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "text", "Text", id="pictures.text", tooltip="Numbers as text, or pictures again"),
        Binding("j", "scroll(1)", "Down", show=False, id="pictures.down", tooltip="A line down"),
        Binding("k", "scroll(-1)", "Up", show=False, id="pictures.up", tooltip="A line up"),
    ]

    def __init__(self, scope: Scope = ALL) -> None:
        super().__init__()
        self._scope = scope
        self._as_text = False
        self._read_again = 0.0
        self._runs: Sequence[PastRun] = ()
        self._recent: Sequence[TenantRuns] = ()
        self._hours: Sequence[RunsOfHour] = ()
        self._failures: Sequence[FailuresOfHour] = ()
        self._coming: Sequence[FiresOfMinute] | None = None

    def crumbs(self) -> list[str]:
        """Whose."""
        return [*(["integrations", *self._scope.names] if self._scope.names else []), "over time"]

    def compose_page(self) -> ComposeResult:
        """A text to scroll in."""
        with VerticalScroll():
            yield Static("", id="pictures")

    def on_mount(self) -> None:
        """Keys scroll."""
        self.query_one(VerticalScroll).focus()

    async def show(self) -> None:
        """Read the numbers and draw them; not whenever a run ends, which may be several times a second."""
        if time.monotonic() < self._read_again:
            return
        self._read_again = time.monotonic() + READ_EVERY
        scope, now = self._scope, self.when.now
        if scope.tenant_id is not None:
            self._runs = await self.read(past_runs, self.store, scope.tenant_id)
        else:
            self._hours = await self.read(runs_by_hour, self.store, scope.integration_id, now=now)
            self._failures = await self.read(failures_by_hour, self.store, scope.integration_id, now=now)
        if scope.integration_id is not None:
            self._recent = await self.read(recent_runs, self.store, scope.integration_id)
        self._coming = await self.read(
            coming_fires, self.store, tenant_id=scope.tenant_id, integration_id=scope.integration_id, now=now
        )
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        """Draw for the new width."""
        if self._coming is not None:
            self._draw()

    def action_text(self) -> None:
        """Numbers as text, or as pictures."""
        self._as_text = not self._as_text
        self._draw()

    def action_scroll(self, step: int) -> None:
        """A line down or up."""
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False)

    def _draw(self) -> None:
        parts: list[Content] = []
        for title, text in self._sections():
            parts += [Content.styled(title, "bold"), *(Content(line) for line in text), Content("")]
        self.query_one("#pictures", Static).update(Content("\n").join(parts))

    def _sections(self) -> list[tuple[str, list[str]]]:
        width, when, marks = max(self.size.width - 4, 24), self.when, self.marks
        coming = self._coming or ()
        ahead = lines.coming_text(coming, when) if self._as_text else lines.coming_picture(coming, width, when, marks)
        last = ("When schedules fire in the next 24 hours", ahead)
        if self._scope.tenant_id is not None:
            past = (
                lines.runs_text(self._runs, when)
                if self._as_text
                else lines.runs_picture(self._runs, width, when, marks)
            )
            return [("How long runs took and how they ended", past), last]
        recent = []
        if self._scope.integration_id is not None:
            recent = [("The newest runs of each tenant, oldest left", self._recent_lines(width))]
        if self._as_text:
            hours, failures = lines.hours_text(self._hours, when), lines.failures_text(self._failures, when)
        else:
            hours = lines.hours_picture(self._hours, width, when, marks)
            failures = lines.failures_picture(self._failures, width, when, marks)
        return [
            last,
            (f"Runs of each hour, last {HOURS} hours", hours),
            (f"Failures by day and hour, last {DAYS} days", failures),
            *recent,
        ]

    def _recent_lines(self, width: int) -> list[str]:
        if self._as_text:
            return lines.recent_text(self._recent, self.when)
        return lines.recent_picture(self._recent, width, self.when, self.marks)
