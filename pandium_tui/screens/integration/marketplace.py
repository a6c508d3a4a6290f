"""The tab Marketplace Setup: the listing as a form, its preview, its review and publication."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from pandium_tui.hub.actor import Actor
from pandium_tui.hub.errors import HubError, InvalidError
from pandium_tui.hub.listing_content import FIELD_BY_NAME
from pandium_tui.hub.listings import (
    DRAFT,
    IN_REVIEW,
    Listing,
    edit_listing,
    listing,
    publish_listing,
    publish_reasons,
    submit_listing,
    submit_reasons,
    unpublish_listing,
    withdraw_listing,
    words_in_use,
)
from pandium_tui.screens.integration.listing_words import MARKS, images_in_words, judgement
from pandium_tui.screens.kept_draft import KeptDraft
from pandium_tui.storage.database import Store
from pandium_tui.storage.errors import StoreError
from pandium_tui.text import visible
from pandium_tui.widgets.confirm import Confirm
from pandium_tui.widgets.key_words import key_of
from pandium_tui.widgets.notice import Notice

if TYPE_CHECKING:
    from pandium_tui.screens.integration.listing_form import ListingForm
    from pandium_tui.screens.integration.listing_preview import ListingPreview
    from pandium_tui.screens.page import Page

PREVIEW_BESIDE_FROM = 100
"""Columns of the screen from which the preview stands beside the form."""
SETTLED_AFTER = 0.3
"""Seconds without a key after which what was typed is checked and previewed."""


class MarketplaceTab(Vertical):
    """Made when it is first shown: two dozen fields take a quarter of a second."""

    DEFAULT_CSS = """
    MarketplaceTab #summary { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    MarketplaceTab Horizontal { height: 1fr; }
    MarketplaceTab ListingForm { width: 3fr; }
    MarketplaceTab ListingPreview { width: 2fr; border-left: solid $panel; }
    """
    BINDING_GROUP_TITLE = "Marketplace Setup"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", id="listing.save", tooltip="Save; what is wrong is shown at its field"),
        Binding("ctrl+r", "revert", "Revert", show=False, id="listing.revert", tooltip="Drop what was changed here"),
        Binding("f2", "markdown", "Markdown", id="listing.markdown", tooltip="How the Markdown of this field looks"),
        Binding("f3", "preview", "Preview", id="listing.preview", tooltip="Tile and page as a customer sees them"),
        Binding("f4", "submit", "Submit", id="listing.submit", tooltip="Give the Draft to review; asks"),
        Binding("f5", "publish", "Publish", id="listing.publish", tooltip="Show it to customers; asks"),
        Binding("f8", "take_back", "To Draft", id="listing.draft", tooltip="Unpublish, or take back from review; asks"),
        Binding("escape", "leave_field", "Leave field", id="listing.leave", tooltip="Letters and digits are keys then"),
        Binding("enter", "first_field", "Fields", id="listing.fields", tooltip="To the first field"),
    ]

    def __init__(self, integration_id: int) -> None:
        super().__init__()
        self._integration_id = integration_id
        self._listing: Listing | None = None
        self._form: ListingForm | None = None
        self._preview: ListingPreview | None = None
        self._wrong: list[str] = []
        self._draft = KeptDraft(self, f"integration-{integration_id}-listing")
        self._draft_words = ""
        self._is_changed = False
        self._making = asyncio.Lock()

    def compose(self) -> ComposeResult:
        """The summary line; the form and the preview come later."""
        yield Static(id="summary", markup=False)
        yield Horizontal()

    def on_show(self, event: events.Show) -> None:
        """The tab was chosen."""
        self._open()

    def on_resize(self, event: events.Resize) -> None:
        """The preview is there where it has room."""
        if self._form is not None:
            self._open()

    def changed_labels(self) -> list[str]:
        """The labels of the fields that would be lost when the page is left."""
        return [] if self._form is None else self._form.changed_labels()

    async def renew(self) -> None:
        """Show what the store has now; what was typed stays.

        Raises:
            HubError, StoreError: the listing cannot be read.
        """
        if self._form is not None:
            found = await asyncio.to_thread(listing, self._page.store, self._integration_id)
            if self._is_there and found != self._listing:
                self._listing = found
                self._form.load(found.content)
                await self._settle()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys are there where they can do something."""
        if self._listing is None or self._form is None:
            return False
        field = self._form.focused_field()
        match action:
            case "save" | "revert":
                return self._is_changed or None
            case "submit":
                return self._listing.review_state == DRAFT
            case "publish":
                return not self._listing.published
            case "take_back":
                return self._listing.review_state != DRAFT
            case "markdown":
                return field is not None and field.kind == "markdown"
            case "leave_field":
                return field is not None
            case "first_field":
                return self._form.has_focus
        return True

    def reason_against(self, action: str) -> str:
        """What the listing is like, for each of these keys."""
        if self._listing is None:
            return ""
        reasons = {
            "save": "Nothing to save.",
            "revert": "Nothing was changed.",
            "submit": f"Only a Draft is submitted, and this listing is {self._listing.review_state}.",
            "publish": "The listing is published already.",
            "take_back": "The listing is a Draft already.",
            "markdown": "The field is no Markdown.",
        }
        return reasons.get(action, "")

    @work(exclusive=True, group="listing change")
    async def action_save(self) -> None:
        """Save what was changed; nothing typed is lost when that fails."""
        form = self._form
        if form is None:
            return
        texts = form.changed_texts()
        try:
            saved = await asyncio.to_thread(
                edit_listing, self._page.store, self._integration_id, form.changes(), self._page.actor
            )
        except InvalidError as error:
            if self._is_there:
                self._show_problems(error.problems, everywhere=True)
                self._show_summary()
                form.focus_first_problem()
            return
        except (HubError, StoreError) as error:
            self.notify(visible(str(error)), severity="error", timeout=10, markup=False)
            return
        self.notify("Saved.", timeout=4)
        if self._is_there:
            self._listing = saved
            form.load(saved.content, texts)
            self._note_draft()
            await self._settle()

    def action_revert(self) -> None:
        """Drop what was typed and not saved."""
        if self._form is not None and self._listing is not None:
            self._form.load(self._listing.content, self._form.changed_texts())
            self.forget_draft()
            self._show_summary()
            self._settle_soon()

    @work(exclusive=True, group="listing change")
    async def action_submit(self) -> None:
        """Ask, then give the listing to review."""
        await self._change(
            "Submit the listing for review?",
            ["It is In Review then, and can be published."],
            "Submit",
            submit_reasons,
            submit_listing,
        )

    @work(exclusive=True, group="listing change")
    async def action_publish(self) -> None:
        """Ask, then publish the listing."""
        await self._change(
            "Publish the listing?",
            ["Customers see it from the next export of the marketplace on."],
            "Publish",
            publish_reasons,
            publish_listing,
        )

    @work(exclusive=True, group="listing change")
    async def action_take_back(self) -> None:
        """Ask, then make the listing a Draft again."""
        if self._listing is not None and self._listing.review_state == IN_REVIEW:
            await self._change(
                "Take the listing back from review?", ["It is a Draft again."], "Take back", None, withdraw_listing
            )
        else:
            affected = ["It is a Draft again, and not in the next export. Tenants that exist go on."]
            await self._change("Unpublish the listing?", affected, "Unpublish", None, unpublish_listing)

    @work(exclusive=True, group="listing preview")
    async def action_preview(self) -> None:
        """Show tile and page on a screen of their own."""
        from pandium_tui.screens.integration.listing_preview import PreviewScreen

        if self._form is not None:
            content = self._form.content()
            images = await self._page.fetch(images_in_words, content)
            self.app.push_screen(PreviewScreen(content, images))

    def action_markdown(self) -> None:
        """Show how the Markdown of the field looks."""
        from pandium_tui.screens.integration.listing_preview import MarkdownScreen

        field = self._form.focused_field() if self._form else None
        if self._form is not None and field is not None:
            self.app.push_screen(MarkdownScreen(field.label, self._form.texts()[field.name]))

    def action_leave_field(self) -> None:
        """From a field to the form as a whole, where letters and digits are keys."""
        if self._form is not None:
            self._form.focus(scroll_visible=False)

    def action_first_field(self) -> None:
        """From the form to its first field."""
        self.screen.focus_next()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Which keys there are depends on the field."""
        self.screen.refresh_bindings()

    def on_listing_form_edited(self) -> None:
        """Check and preview what was typed, once the person pauses."""
        self._note_draft()
        self._show_summary()
        self._settle_soon()

    def forget_draft(self) -> None:
        """What was typed is discarded."""
        self._draft_words = ""
        self._draft.forget()

    def _note_draft(self) -> None:
        if self._form is not None:
            texts = self._form.changed_texts()
            self._draft_words = self._draft_words if texts else ""
            self._draft.note(texts, self._form.stored_texts())

    async def _restore_draft(self, form: "ListingForm") -> None:
        stored = form.stored_texts()
        found = await self._draft.from_before(stored, lambda name: FIELD_BY_NAME[name].label, stored.__contains__)
        if found is not None:
            form.put_texts(found.values)
            self._draft_words = found.told

    @cached_property
    def _page(self) -> "Page":
        return cast("Page", self.screen)  # kept: what was begun here may end when the tab has left the screen

    @work(group="listing open")
    async def _open(self) -> None:
        try:
            async with self._making:
                if self._form is None:
                    await self._make_form()
            await self._fit_preview()
            await self._settle()
        except (HubError, StoreError) as error:
            self._page.tell_error(error)
            return
        if self._form is not None and self.screen.focused is None and self.app.screen is self.screen:
            self._form.focus()

    async def _make_form(self) -> None:
        from pandium_tui.screens.integration.listing_form import ListingForm

        self._listing = await asyncio.to_thread(listing, self._page.store, self._integration_id)
        words = await asyncio.to_thread(words_in_use, self._page.store)
        form = ListingForm(self._listing.content, words)
        await self.query_one(Horizontal).mount(form)
        self._form = form
        form.focus()
        await self._restore_draft(form)

    async def _fit_preview(self) -> None:
        wide = self.app.size.width >= PREVIEW_BESIDE_FROM
        if wide and self._preview is None:
            from pandium_tui.screens.integration.listing_preview import ListingPreview

            self._preview = ListingPreview(can_focus=False)
            await self.query_one(Horizontal).mount(self._preview)
        if self._preview is not None:
            self._preview.display = wide

    @work(exclusive=True, group="listing settle")
    async def _settle_soon(self) -> None:
        await asyncio.sleep(SETTLED_AFTER)
        await self._settle()

    async def _settle(self) -> None:
        """Show what follows from the content as it stands in the fields."""
        if self._form is None or self._listing is None:
            return
        content = self._form.content()
        names = partial(key_of, self)
        judged = await asyncio.to_thread(judgement, replace(self._listing, content=content), self._page.when, names)
        if not self._is_there:
            return
        self._show_problems(judged.problems)
        self._form.show_state(judged.state)
        self._show_summary()
        self.screen.refresh_bindings()
        if self._preview is not None and self._preview.display:
            await self._preview.show(content, judged.images)

    @property
    def _is_there(self) -> bool:
        """Whether the page was not left meanwhile: its fields go before its workers are cancelled."""
        return self.is_attached and self.app.is_running and self.screen in self.app.screen_stack

    async def _change(
        self,
        question: str,
        affected: list[str],
        yes: str,
        reasons_against: Callable[[Listing], list[str]] | None,
        change: Callable[[Store, int, Actor], Listing],
    ) -> None:
        """Say why not, or ask; then do it."""
        found = self._listing
        if found is None:
            return
        if labels := self.changed_labels():
            self._page.tell(f"Save first ({key_of(self, 'listing.save')}). Changed: {', '.join(labels)}.")
            return
        reasons = [] if reasons_against is None else await self._page.fetch(reasons_against, found)
        if reasons:
            await self.app.push_screen_wait(
                Notice(f"The listing of {found.integration_name} cannot be {_PAST[yes]} yet:", reasons)
            )
            return
        if await self.app.push_screen_wait(Confirm(question, [found.integration_name, *affected], yes=yes)):
            changed = await self._page.do(change, self._page.store, self._integration_id, self._page.actor)
            if changed is not None:
                self._listing = changed
                undo = f"{key_of(self, 'listing.leave')}, then {self._page.undoes}"
                self._page.tell(f"The listing of {changed.integration_name} is {changed.review_state}. {undo}")
                await self._settle()

    def _show_problems(self, problems: dict[str, str], *, everywhere: bool = False) -> None:
        self._wrong = [FIELD_BY_NAME[name].label for name in problems]
        if self._form is not None:
            self._form.show_problems(problems, everywhere=everywhere)

    def _show_summary(self) -> None:
        if self._listing is not None:
            labels = self.changed_labels()
            if self._is_changed != bool(labels):
                self._is_changed = bool(labels)
                self.screen.refresh_bindings()
            unsaved = f" · not saved: {', '.join(labels)}" if labels else ""
            wrong = f" · ✗ {', '.join(self._wrong)}" if self._wrong else ""
            draft = f" · {self._draft_words}" if self._draft_words else ""
            text = f"{MARKS[self._listing.review_state]} {self._listing.review_state}{wrong}{visible(draft)}{unsaved}"
            summary = self.query_one("#summary", Static)
            if str(summary.content) != text:
                summary.update(text)


_PAST = {"Submit": "submitted", "Publish": "published"}
