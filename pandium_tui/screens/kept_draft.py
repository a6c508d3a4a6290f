"""The draft of a form: what is typed is noted and written a moment later, and offered when the form comes again."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from textual.timer import Timer
from textual.widget import Widget

from pandium_tui.hub.drafts import Draft, Drafts
from pandium_tui.text import shortened
from pandium_tui.widgets.confirm import Confirm

if TYPE_CHECKING:
    from pandium_tui.app import PandiumApp

WRITTEN_AFTER = 0.5
"""Seconds without a key after which what was typed is written."""
LONGEST_SHOWN = 24
"""Characters of a value in the question which of two is wanted."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What to put into the fields, and the sentence to tell."""

    values: dict[str, Any]
    told: str


class KeptDraft:
    """The draft of one form. Nothing is noted before it was asked what there is from before."""

    def __init__(self, form: Widget, name: str) -> None:
        """The draft of this name; without a name nothing is kept."""
        self._form = form
        self.name = name
        self._looked = False
        self._is_kept = False
        self._timer: Timer | None = None

    @property
    def has_looked(self) -> bool:
        """Whether it was asked what there is from before."""
        return self._looked

    async def from_before(
        self, stored: Mapping[str, Any], label_of: Callable[[str], str], keep: Callable[[str], bool] = lambda _: True
    ) -> Restored | None:
        """What was typed before and not saved; to be called from a worker, for it may ask.

        Args:
            stored: what is stored now, by field; what is not among it is no field of the form any more.
            label_of: what a person calls a field.
            keep: whether a field may be restored; one that became secret may not.
        """
        self._looked = True
        draft = self._drafts.find(self.name) if self.name else None
        if draft is None:
            return None
        values = {name: one for name, one in draft.values.items() if keep(name) and stored.get(name) != one}
        if not values and not draft.left_out:
            self.forget()
            return None
        told = self._moment(draft)
        if draft.open_in is not None:
            return await self._copied(draft, told, values, stored, label_of) if values else None
        secrets = f" Secret fields were not kept: {', '.join(draft.left_out)}." if draft.left_out else ""
        changed = [name for name in draft.changed_since(stored) if name in values]
        if changed:
            lines = _differences(changed, stored, values, label_of)
            question = f"What is stored was changed since the draft of {told} began. Use the draft?"
            if not await self._form.app.push_screen_wait(Confirm(question, lines, yes="Use draft", no="Show stored")):
                return Restored({}, f"The draft of {told} is kept until something else is typed here.")
        self._is_kept = True
        if not values:
            self.forget()
            return Restored({}, secrets.strip())
        return Restored(values, f"Draft of {told} restored.{secrets}")

    async def _copied(
        self,
        draft: Draft,
        told: str,
        values: dict[str, Any],
        stored: Mapping[str, Any],
        label_of: Callable[[str], str],
    ) -> Restored:
        """What is typed in another app stays there; whether it is wanted here too is asked."""
        question = f"An app that is open elsewhere (process {draft.open_in}) has a draft of {told} here. Copy it?"
        lines = _differences(values, stored, values, label_of)
        if not await self._form.app.push_screen_wait(Confirm(question, lines, yes="Copy it", no="Show stored")):
            return Restored({}, f"The draft of {told} stays in the other app (process {draft.open_in}).")
        self._is_kept = True
        secrets = f" Secret fields were not copied: {', '.join(draft.left_out)}." if draft.left_out else ""
        return Restored(values, f"Draft of {told} copied from the other app.{secrets}")

    def note(self, values: Mapping[str, Any], stored: Mapping[str, Any], left_out: Sequence[str] = ()) -> None:
        """Note what stands in the changed fields now; nothing, and there is no draft any more.

        Args:
            values: by field, as JSON can hold them; never a secret.
            stored: what was stored of them when the person began.
            left_out: the labels of changed fields that hold secrets.
        """
        if not self.name or not self._looked:
            return
        if not values and not left_out:
            if self._is_kept:
                self.forget()
            return
        self._is_kept = True
        self._drafts.note(self.name, values, stored, left_out)
        if self._timer is not None:
            self._timer.stop()
        self._timer = self._form.set_timer(WRITTEN_AFTER, self._drafts.write)

    def forget(self) -> None:
        """It was saved or discarded."""
        self._is_kept = False
        if self.name and self._looked:
            self._drafts.drop(self.name)

    @property
    def _drafts(self) -> Drafts:
        return cast("PandiumApp", self._form.app).drafts

    def _moment(self, draft: Draft) -> str:
        when = cast("PandiumApp", self._form.app).when
        moment = when.moment(draft.kept)[:-3]
        today = when.moment(when.now)[:10]
        return moment.removeprefix(f"{today} ")


def _differences(
    names: Iterable[str], stored: Mapping[str, Any], values: Mapping[str, Any], label_of: Callable[[str], str]
) -> list[str]:
    return [f"{label_of(name)}: stored {_shown(stored.get(name))}, draft {_shown(values[name])}" for name in names]


def _shown(value: Any) -> str:
    return shortened(str(value), LONGEST_SHOWN) or "nothing"
