"""The tab Marketplace Setup, driven by keys over a real store."""

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select
from textual.pilot import Pilot
from textual.widgets import Footer, Input, Markdown, TabbedContent, TextArea

from pandium_tui.app import PandiumApp
from pandium_tui.hub.actor import Actor
from pandium_tui.hub.listing_content import Category
from pandium_tui.hub.listings import edit_listing, listing, publish_listing, submit_listing
from pandium_tui.screens.integration.listing_form import ListingForm
from pandium_tui.screens.integration.listing_preview import ListingPreview, MarkdownScreen, PreviewScreen
from pandium_tui.screens.integration.marketplace import MarketplaceTab
from pandium_tui.screens.integration.page import IntegrationPage
from pandium_tui.storage.database import Store
from pandium_tui.storage.setup_tables import ListingRow
from pandium_tui.storage.tables import ActivityRow
from pandium_tui.text import visible
from pandium_tui.widgets.confirm import Confirm
from pandium_tui.widgets.field import Field
from pandium_tui.widgets.notice import Notice
from tests.hub.listing_samples import complete
from tests.screens.filling import HOSTILE, NOW, ago, app_on, fill
from tests.screens.log_files import wait_until
from tests.screens.test_widgets import screen_text

ACTOR = Actor("tester", "hub")


async def open_tab(pilot: Pilot[Any], app: PandiumApp, integration_id: int) -> MarketplaceTab:
    """The tab, once it has shown everything."""
    await wait_until(pilot, lambda: app.overview is not None)
    page = IntegrationPage(integration_id)
    await app.push_screen(page)
    await pilot.press("3")
    tab = page.query_one(MarketplaceTab)
    await wait_until(pilot, lambda: "customers" in state_of(tab))
    await settled(pilot, app)
    return tab


async def settled(pilot: Pilot[Any], app: PandiumApp) -> None:
    await wait_until(
        pilot,
        lambda: not any((worker.group or "").startswith("listing") and worker.is_running for worker in app.workers),
    )
    await pilot.pause()


def state_of(tab: MarketplaceTab) -> str:
    found = tab.query("#state")
    return str(found.first().content) if found else ""  # type: ignore[attr-defined]


def summary_of(tab: MarketplaceTab) -> str:
    return str(tab.query_one("#summary").content)  # type: ignore[attr-defined]


def field(tab: MarketplaceTab, name: str) -> Field:
    return next(one for one in tab.query(Field) if one.name == name)


async def put(pilot: Pilot[Any], tab: MarketplaceTab, name: str, text: str) -> None:
    """Type a text into a field, as a terminal pastes it."""
    control = field(tab, name).control
    control.focus()
    await pilot.pause()
    if isinstance(control, Input):
        control.clear()
        control.insert_text_at_cursor(text)
    else:
        assert isinstance(control, TextArea)
        control.clear()
        control.insert(text)
    await pilot.pause()


async def test_a_listing_is_filled_submitted_and_published_by_keys(store: Store, tmp_path: Path) -> None:
    filled = fill(store)
    content = complete(tmp_path)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        tab = await open_tab(pilot, app, filled.integration_id)
        assert "- Display name: missing" in state_of(tab)
        await pilot.press("enter", *"CRM")
        await wait_until(pilot, lambda: "- Display name: missing" not in state_of(tab))
        assert summary_of(tab) == "○ Draft · not saved: Display name"
        for name in ("tagline", "short_description", "long_description", "logo", "developer_name", "support_email"):
            await put(pilot, tab, name, content[name])
        await put(pilot, tab, "categories", "CRM:10, Sales")
        await wait_until(pilot, lambda: "Nothing is missing" in state_of(tab))
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: summary_of(tab) == "○ Draft")
        await pilot.press("f4")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await wait_until(pilot, lambda: summary_of(tab) == "◐ In Review")
        await pilot.press("f5")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await wait_until(pilot, lambda: summary_of(tab) == "● Published")
        await pilot.press("f8")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await wait_until(pilot, lambda: summary_of(tab) == "○ Draft")
    saved = listing(store, filled.integration_id).content
    assert (saved.display_name, saved.long_description) == ("CRM", content["long_description"])
    assert saved.categories == (Category("CRM", 10), Category("Sales"))


async def test_all_reasons_against_publishing_are_listed(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, app, filled.integration_id)
        await pilot.press("f5")
        await wait_until(pilot, lambda: isinstance(app.screen, Notice))
        text = screen_text(app)
        for reason in ("cannot be published yet", "It is a Draft", "Tagline: missing", "Support e-mail"):
            assert reason in text
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, IntegrationPage))
    assert not listing(store, filled.integration_id).published


async def test_a_failed_save_keeps_what_was_typed_and_goes_to_what_is_wrong(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        tab = await open_tab(pilot, app, filled.integration_id)
        await put(pilot, tab, "tagline", "Kept")
        await put(pilot, tab, "video_url", "nowhere")
        await put(pilot, tab, "logo", "/no/such.png")
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: field(tab, "logo").control.has_focus and bool(field(tab, "video_url").problem))
        assert "No such file" in field(tab, "logo").problem
        assert field(tab, "tagline").value == "Kept"
        assert "✗ " in summary_of(tab)
        assert listing(store, filled.integration_id).modified_date is None
        await put(pilot, tab, "video_url", "https://example.com/v")
        await put(pilot, tab, "logo", "https://example.com/logo.png")
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: summary_of(tab) == "○ Draft")
    assert listing(store, filled.integration_id).content.tagline == "Kept"


async def test_what_is_wrong_shows_while_typing(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        tab = await open_tab(pilot, app, filled.integration_id)
        assert not any(one.problem for one in tab.query(Field))
        await put(pilot, tab, "flag_color", "red")
        await wait_until(pilot, lambda: "must be a colour" in field(tab, "flag_color").problem)
        await put(pilot, tab, "flag_color", "#c00")
        await wait_until(pilot, lambda: "there is none" in field(tab, "flag_color").problem)
        await put(pilot, tab, "flag_name", "New")
        await wait_until(pilot, lambda: field(tab, "flag_color").problem == "")


async def test_leaving_page_or_app_with_unsaved_changes_asks(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        tab = await open_tab(pilot, app, filled.integration_id)
        page = app.screen
        await pilot.press("enter", "x", "escape")
        assert tab.query_one(ListingForm).has_focus
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        assert "Changed: Display name" in screen_text(app)
        await pilot.press("n")
        await wait_until(pilot, lambda: app.screen is page)
        await pilot.press("ctrl+q")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("n")
        await wait_until(pilot, lambda: app.screen is page)
        await pilot.press("1", "3")
        await pilot.pause()
        assert field(tab, "display_name").value == "x"
        tab.query_one(ListingForm).focus()
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await wait_until(pilot, lambda: app.screen is not page and not isinstance(app.screen, Confirm))


async def test_another_process_changes_the_listing_and_what_is_typed_stays(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        tab = await open_tab(pilot, app, filled.integration_id)
        await put(pilot, tab, "tagline", "typed")
        edit_listing(store, filled.integration_id, {"tagline": "stored", "pricing_note": "free"}, ACTOR)
        await wait_until(pilot, lambda: field(tab, "pricing_note").value == "free")
        assert field(tab, "tagline").value == "typed"
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: summary_of(tab) == "○ Draft")
    saved = listing(store, filled.integration_id).content
    assert (saved.tagline, saved.pricing_note) == ("typed", "free")


async def test_changes_can_be_dropped(store: Store) -> None:
    filled = fill(store)
    edit_listing(store, filled.integration_id, {"tagline": "stored"}, ACTOR)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        tab = await open_tab(pilot, app, filled.integration_id)
        await put(pilot, tab, "tagline", "x" * 101)
        await wait_until(pilot, lambda: bool(field(tab, "tagline").problem))
        await pilot.press("ctrl+r")
        await wait_until(pilot, lambda: not field(tab, "tagline").problem and not tab.changed_labels())
        assert field(tab, "tagline").value == "stored"


async def test_unsaved_changes_are_saved_before_publishing(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await open_tab(pilot, app, filled.integration_id)
        await pilot.press("enter", "x", "f5")
        await wait_until(pilot, lambda: any("Save first" in note.message for note in app._notifications))
        assert isinstance(app.screen, IntegrationPage)


async def test_categories_and_tags_are_completed_from_those_in_use(store: Store) -> None:
    filled = fill(store)
    other = {"categories": (Category("CRM"), Category("Commerce")), "tags": ("contacts",)}
    edit_listing(store, filled.integration_id + 1, other, ACTOR)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        tab = await open_tab(pilot, app, filled.integration_id)
        control = field(tab, "categories").control
        control.focus()
        await pilot.press(*"Ads", "comma", "space", *"cr")
        assert isinstance(control, Input)
        await wait_until(pilot, lambda: control._suggestion == "Ads, CRM")
        await pilot.press("right", "comma", *"c")
        await wait_until(pilot, lambda: control._suggestion == "Ads, CRM,Commerce")


async def test_markdown_of_a_field_is_previewed(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        tab = await open_tab(pilot, app, filled.integration_id)
        text = f"# Title\n\n**bold** <script>alert(1)</script> {HOSTILE}\n\n[x](javascript:alert(2))"
        await put(pilot, tab, "long_description", text)
        await pilot.press("f2")
        await wait_until(pilot, lambda: isinstance(app.screen, MarkdownScreen) and "Title" in screen_text(app))
        shown = screen_text(app)
        assert "**" not in shown
        assert "<script>alert(1)</script>" in shown
        assert "\x1b" not in shown
        assert "[x](javascript:alert(2))" in shown
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, IntegrationPage))
        await put(pilot, tab, "tagline", "no Markdown here")
        await pilot.press("f2")
        await pilot.pause()
        assert isinstance(app.screen, IntegrationPage)


async def test_the_preview_is_a_screen_of_its_own_on_small_terminals(store: Store, tmp_path: Path) -> None:
    filled = fill(store)
    edit_listing(store, filled.integration_id, complete(tmp_path), ACTOR)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        tab = await open_tab(pilot, app, filled.integration_id)
        assert not tab.query(ListingPreview)
        await pilot.press("f3")
        await wait_until(pilot, lambda: isinstance(app.screen, PreviewScreen) and "logo.png" in screen_text(app))
        assert "(PNG, 128x128)" in screen_text(app)
        await pilot.press("f3")
        await wait_until(pilot, lambda: isinstance(app.screen, IntegrationPage))


async def test_the_preview_follows_what_is_typed_where_there_is_room(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(120, 40)) as pilot:
        tab = await open_tab(pilot, app, filled.integration_id)
        preview = tab.query_one(ListingPreview)
        await put(pilot, tab, "tagline", "Typed now")
        await wait_until(pilot, lambda: "Typed now" in str(preview.query_one("#tile").content))  # type: ignore[attr-defined]
        await pilot.resize_terminal(80, 24)
        await wait_until(pilot, lambda: not preview.display)


async def test_hostile_texts_are_shown_as_text(store: Store) -> None:
    filled = fill(store)
    evil = dict.fromkeys(("display_name", "tagline", "long_description", "flag_name", "developer_name"), HOSTILE)
    with store.writing() as session:  # past the checks, as a hand in the store could
        session.add(
            ListingRow(
                integration_id=filled.integration_id,
                content={**evil, "tags": [HOSTILE], "screenshots": [f"/x/{HOSTILE}"], "logo": HOSTILE},
                modified_date=NOW,
            )
        )
    app = app_on(store)
    async with app.run_test(size=(120, 40)) as pilot:
        tab = await open_tab(pilot, app, filled.integration_id)
        await pilot.press("enter")
        shown = screen_text(app)
        assert visible(HOSTILE)[:20] in shown
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert tab.changed_labels() == []
        await put(pilot, tab, "pricing_note", "free")
        assert tab.changed_labels() == ["Pricing note"]


async def test_number_and_page_keys_still_change_tabs(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        tab = await open_tab(pilot, app, filled.integration_id)
        assert tab.query_one(ListingForm).has_focus
        await pilot.press("4", "3")
        await wait_until(pilot, lambda: tab.query_one(ListingForm).has_focus)
        await pilot.press("enter", "4")
        assert field(tab, "display_name").value == "4"
        await pilot.press("ctrl+pagedown")
        await wait_until(pilot, lambda: app.screen.query_one(TabbedContent).active == "connectors")
        await pilot.press("ctrl+pageup")
        await wait_until(pilot, lambda: tab.query_one(ListingForm).has_focus)
        await pilot.press("ctrl+pageup")
        await wait_until(pilot, lambda: app.screen.query_one(TabbedContent).active == "configure")


def test_nothing_of_the_form_is_imported_before_it_is_shown() -> None:
    import subprocess
    import sys

    script = (
        "import sys; import pandium_tui.screens.integration.page\n"
        "print([name for name in ('textual.widgets._markdown', 'markdown_it.main', 'sqlmodel')"
        " if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stdout + done.stderr


@pytest.mark.parametrize("what", ["draft", "published", "preview"])
def test_looks_like_this(snap_compare: Any, store: Store, what: str) -> None:
    filled = fill(store)
    app = app_on(store)
    folder = store.settings.home / "images"
    if what != "draft":
        values = complete(folder, flag_name="New", flag_color="#0a7f5c", pricing_note="Free with the Pro plan")
        edit_listing(store, filled.integration_id, values, ACTOR)
        submit_listing(store, filled.integration_id, ACTOR)
        publish_listing(store, filled.integration_id, ACTOR)
        with store.writing() as session:  # when it was done stands on the tab
            for row in session.exec(select(ActivityRow)):
                row.created_date = ago(hours=1)

    async def before(pilot: Pilot[Any]) -> None:
        tab = await open_tab(pilot, app, filled.integration_id)
        if what == "draft":
            await pilot.press("enter", *"CRM", "tab")
            await wait_until(pilot, lambda: "- Display name: missing" not in state_of(tab))
        elif what == "preview":
            await pilot.press("f3")
            await wait_until(pilot, lambda: isinstance(app.screen, PreviewScreen))
            blocks = app.screen.query_one("#long", Markdown)
            await wait_until(pilot, lambda: len(blocks.children) == 2)
        await settled(pilot, app)
        await wait_until(pilot, lambda: bool(app.screen.query_one(Footer).children))

    assert snap_compare(app, run_before=before, terminal_size=(120, 40) if what == "draft" else (80, 24))
