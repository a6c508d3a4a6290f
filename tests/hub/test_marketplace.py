"""The exported marketplace: files that work alone, and nothing in them that runs."""

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pandium_tui.hub.actor import Actor
from pandium_tui.hub.errors import RefusedError
from pandium_tui.hub.integrations import archive_integration, set_default_release
from pandium_tui.hub.listing_content import Category
from pandium_tui.hub.listings import edit_listing, publish_listing, submit_listing, unpublish_listing
from pandium_tui.hub.marketplace import export_marketplace
from pandium_tui.storage.database import Store
from tests.hub.listing_samples import HOSTILE, add_integration, complete

ACTOR = Actor("tester", "cli")


class Page(HTMLParser):
    """The tags, addresses and text of a page, as a browser's parser takes them."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def names(self) -> set[str]:
        return {tag for tag, _ in self.tags}

    @property
    def addresses(self) -> list[str]:
        return [value or "" for _, given in self.tags for name, value in given.items() if name in ("href", "src")]


def publish(store: Store, name: str, folder: Path, **changes: object) -> int:
    integration_id = add_integration(store, name)
    edit_listing(store, integration_id, complete(folder, **changes), ACTOR)
    submit_listing(store, integration_id, ACTOR)
    publish_listing(store, integration_id, ACTOR)
    return integration_id


def test_published_integrations_are_written_with_their_images(store: Store, tmp_path: Path) -> None:
    publish(store, "crm", tmp_path / "a", categories=(Category("Sales", 2), Category("CRM")))
    publish(store, "ads", tmp_path / "b", display_name="Ads", categories=(Category("Sales", 1),), screenshots=())
    add_integration(store, "draft")
    archive_integration(store, publish(store, "gone", tmp_path / "c"), ACTOR)
    folder = tmp_path / "out" / "site"
    done = export_marketplace(store, folder)
    assert (done.integrations, done.warnings) == (("ads", "crm"), ())
    index = json.loads((folder / "listing.json").read_text())
    assert [one["name"] for one in index["integrations"]] == ["ads", "crm"]
    crm = index["integrations"][1]
    assert crm["logo"] == "images/crm/logo-1.png"
    assert crm["screenshots"] == ["images/crm/screenshots-1.png", "https://cdn.example.com/two.png"]
    assert (folder / crm["logo"]).read_bytes() == (tmp_path / "a" / "logo.png").read_bytes()
    assert {file.name for file in (folder / "integrations").iterdir()} == {"ads.html", "crm.html"}
    home = Page(folder / "index.html")
    assert home.text.index("CRM") < home.text.index("Sales") < home.text.index("Ads") < home.text.rindex("CRM Sync")
    for page in (home, Page(folder / "integrations" / "crm.html")):
        base = folder if page is home else folder / "integrations"
        for address in page.addresses:
            assert address.startswith(("https://", "mailto:")) or (base / address).is_file(), address


def test_hostile_texts_stay_texts(store: Store, tmp_path: Path) -> None:
    evil = (
        f"{HOSTILE}\n\n[click](javascript:alert(3)) ![i](file:///etc/passwd) <{'javascript:alert(4)'}> "
        '[d](data:text/html,<script>alert(5)</script>) [fine](https://example.com/?a=1&b="2") [r](../secret)\n\n'
        "<iframe src=https://example.com></iframe>\n\n| a |\n|---|\n| ~~b~~ |\n"
    )
    publish(
        store,
        "crm",
        tmp_path / "a",
        display_name=HOSTILE[:60],
        tagline=HOSTILE,
        short_description=evil[:400],
        long_description=evil,
        install_instructions=evil,
        developer_name=HOSTILE,
        pricing_note=HOSTILE,
        flag_name="<b>New</b>",
        categories=(Category("<i>CRM</i>"),),
        tags=("<u>tag</u>", "'\"><script>"),
        documentation_url="https://example.com/?q='onclick=alert(6)&x=1",
    )
    export_marketplace(store, tmp_path / "site")
    allowed = {
        "html", "head", "meta", "title", "link", "body", "p", "a", "img", "h1", "h2", "h3", "section", "ul", "li",
        "span", "div", "table", "thead", "tbody", "tr", "th", "td", "s", "strong", "em", "code",
    }  # fmt: skip
    for name in ("index.html", "integrations/crm.html"):
        page = Page(tmp_path / "site" / name)
        assert page.names <= allowed, page.names - allowed
        assert not [key for _, given in page.tags for key in given if key.startswith("on")]
        for address in page.addresses:
            assert ":" not in address or address.startswith(("https://", "mailto:"))
        assert "<script>alert(1)</script>" in page.text
    assert "https://example.com/?q='onclick=alert(6)&x=1" in page.addresses
    assert "https://example.com/?a=1&b=%222%22" in page.addresses or 'https://example.com/?a=1&b="2"' in page.addresses
    assert {"table", "s"} <= page.names


def test_what_is_wrong_with_a_published_listing_is_warned_about(store: Store, tmp_path: Path) -> None:
    integration_id = publish(store, "crm", tmp_path / "a")
    set_default_release(store, integration_id, None, ACTOR)
    (tmp_path / "a" / "logo.png").write_text("<svg/>")
    done = export_marketplace(store, tmp_path / "site")
    assert done.integrations == ("crm",)
    assert "no default release" in done.warnings[0]
    assert "SVG" in done.warnings[1]
    assert not (tmp_path / "site" / "images" / "crm" / "logo-1.png").exists()
    assert json.loads((tmp_path / "site" / "listing.json").read_text())["integrations"][0]["logo"] == ""


def test_a_second_export_replaces_the_first_and_leaves_other_files(store: Store, tmp_path: Path) -> None:
    integration_id = publish(store, "crm", tmp_path / "a")
    site = tmp_path / "site"
    site.mkdir()
    (site / "CNAME").write_text("market.example.com")
    export_marketplace(store, site)
    assert (site / "integrations" / "crm.html").exists()
    unpublish_listing(store, integration_id, ACTOR)
    assert export_marketplace(store, site).integrations == ()
    assert not (site / "integrations" / "crm.html").exists()
    assert not (site / "images" / "crm").exists()
    assert "No integration is published yet" in (site / "index.html").read_text()
    assert {one.name for one in site.iterdir()} == {
        "CNAME", "index.html", "style.css", "listing.json", "integrations", "images",
    }  # fmt: skip


@pytest.mark.parametrize("index", [None, "[]", "{}", "no json"])
def test_files_of_somebody_else_are_not_replaced(store: Store, tmp_path: Path, index: str | None) -> None:
    site = tmp_path / "site"
    (site / "images").mkdir(parents=True)
    (site / "images" / "holiday.png").write_text("mine")
    if index is not None:
        (site / "listing.json").write_text(index)
    with pytest.raises(RefusedError, match="images which no export wrote"):
        export_marketplace(store, site)
    assert (site / "images" / "holiday.png").read_text() == "mine"
    (tmp_path / "file").write_text("x")
    with pytest.raises(RefusedError, match="cannot be written"):
        export_marketplace(store, tmp_path / "file")
