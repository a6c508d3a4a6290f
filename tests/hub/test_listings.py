"""Listings: their fields, their review, their publication."""

import os
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pandium_tui.hub.activity import activities
from pandium_tui.hub.actor import Actor
from pandium_tui.hub.errors import InvalidError, RefusedError
from pandium_tui.hub.images import ImageError, image_in
from pandium_tui.hub.integrations import archive_integration
from pandium_tui.hub.listing_checks import LOGO_LIMITS, SCREENSHOT_LIMITS, problems_of
from pandium_tui.hub.listing_content import (
    FIELD_BY_NAME,
    Category,
    ListingContent,
    changed_content,
    parsed_values,
    plain_values,
    text_of,
    value_from_text,
)
from pandium_tui.hub.listing_files import listing_yaml, read_listing, write_listing
from pandium_tui.hub.listings import (
    NotReadyError,
    edit_listing,
    listing,
    publish_listing,
    replace_listing,
    submit_listing,
    unpublish_listing,
    withdraw_listing,
    words_in_use,
)
from pandium_tui.storage.database import Store
from pandium_tui.storage.setup_tables import ListingRow
from tests.hub.listing_samples import add_integration, complete, gif, jpeg, png, webp

ACTOR = Actor("tester", "cli")


def published(store: Store, folder: Path, name: str = "crm", **changes: Any) -> int:
    """A published integration; its id."""
    integration_id = add_integration(store, name)
    edit_listing(store, integration_id, complete(folder, **changes), ACTOR)
    submit_listing(store, integration_id, ACTOR)
    publish_listing(store, integration_id, ACTOR)
    return integration_id


def test_every_field_is_told_to_people() -> None:
    assert [field.name for field in fields(ListingContent)] == list(FIELD_BY_NAME)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("display_name", "x" * 61, "61 characters; at most 60"),
        ("display_name", "two\nlines", "one line"),
        ("tagline", "\x1b[31mred", "U+001B"),
        ("tagline", "turned \u202e around", "U+202E"),
        ("long_description", "x" * 20_001, "at most 20,000"),
        ("video_url", "javascript:alert(1)", "no address"),
        ("video_url", "https://", "no address"),
        ("video_url", "https://a b.example.com", "no address"),
        ("video_url", "https://example.com:port/", "no address"),
        ("video_url", "https://[::1", "no address"),
        ("terms_url", "https://me:pw@example.com/", "password"),
        ("support_email", "nobody", "e-mail"),
        ("support_email", "a@b@example.com", "e-mail"),
        ("support_email", "a@example.com?cc=b@example.com", None),
        ("flag_color", "red", "#0a7f5c"),
        ("flag_color", "#0a7f5c", "there is none"),
        ("logo", "relative.png", "whole path"),
        ("logo", "file:///etc/passwd", "https://"),
        ("logo", "data:image/png;base64,AAAA", "https://"),
        ("screenshots", ("/a.png",) * 9, "at most 8"),
        ("screenshots", ("relative.png",), "whole path"),
        ("categories", tuple(Category(f"c{number}") for number in range(6)), "at most 5"),
        ("categories", (Category("CRM"), Category("crm", 2)), "twice"),
        ("categories", (Category("CRM", -1),), "order"),
        ("categories", (Category("a:b"),), "colon"),
        ("tags", ("a,b",), "comma"),
        ("tags", ("",), "empty"),
        ("tags", ("x" * 41,), "at most 40"),
    ],
)
def test_what_is_wrong_is_said_of_its_field(name: str, value: Any, reason: str | None) -> None:
    problems = problems_of(changed_content(ListingContent(), {name: value}))
    if reason is None:
        assert problems == {} or list(problems) == [name]
    else:
        assert list(problems) == [name]
        assert reason in problems[name]


def test_a_complete_listing_has_no_problems(tmp_path: Path) -> None:
    assert problems_of(ListingContent(**complete(tmp_path, flag_name="New", flag_color="#fff"))) == {}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (png(300, 200), ("PNG", 300, 200)),
        (gif(300, 200), ("GIF", 300, 200)),
        (jpeg(300, 200), ("JPEG", 300, 200)),
        (webp("VP8", 300, 200), ("WebP", 300, 200)),
        (webp("VP8L", 300, 200), ("WebP", 300, 200)),
        (webp("VP8X", 300, 200), ("WebP", 300, 200)),
    ],
    ids=["png", "gif", "jpeg", "webp lossy", "webp lossless", "webp extended"],
)
def test_an_image_is_what_its_bytes_say(tmp_path: Path, content: bytes, expected: tuple[str, int, int]) -> None:
    file = tmp_path / "image.txt"
    file.write_bytes(content)
    image = image_in(file, LOGO_LIMITS)
    assert (image.format, image.width, image.height, image.size) == (*expected, len(content))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is no PNG, JPEG, GIF or WebP"),
        (b"hello", "is no PNG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG, which can carry scripts"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><svg/>", "SVG"),
        (png()[:20], "damaged PNG"),
        (png()[:16] + b"\0" * 8, "damaged PNG"),
        (gif(1, 1)[:8], "damaged GIF"),
        (jpeg(300, 200)[:70], "damaged JPEG"),
        (jpeg(300, 200)[:-10], "damaged JPEG"),
        (b"\xff\xd8\xff" + b"\0" * 40, "damaged JPEG"),
        (webp("VP8L", 3, 2)[:20], "damaged WebP"),
        (png(63, 200), "63x200 pixels; 64x64 to 2048x2048"),
        (png(200, 2049), "200x2049"),
        (png() + b"\0" * 2**20, "bytes; at most 1,048,576"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes",
)
def test_what_is_no_good_image_is_refused_with_the_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    file = tmp_path / "image.png"
    file.write_bytes(content)
    with pytest.raises(ImageError, match=reason.replace("(", r"\(")):
        image_in(file, LOGO_LIMITS)


@given(
    st.sampled_from([png(), gif(9, 9), jpeg(9, 9), webp("VP8", 9, 9), webp("VP8L", 9, 9), webp("VP8X", 9, 9)]),
    st.data(),
)
def test_a_damaged_image_is_refused_or_read_but_never_breaks(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, data: st.DataObject
) -> None:
    cut = content[: data.draw(st.integers(0, 80))] + data.draw(st.binary(max_size=40))
    file = tmp_path_factory.getbasetemp() / f"damaged-{os.getpid()}"
    file.write_bytes(cut)
    try:
        assert image_in(file, LOGO_LIMITS).width >= 64
    except ImageError as error:
        assert str(file) in str(error)


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, reason in (("missing", "No such file"), (".", "Is a directory"), ("pipe", "is not a file")):
        with pytest.raises(ImageError, match=reason):
            image_in(tmp_path / name, SCREENSHOT_LIMITS)
    with pytest.raises(ImageError, match="cannot be read"):
        image_in(Path("/a\0b"), SCREENSHOT_LIMITS)


def test_from_draft_to_published_and_back_with_an_audit_trail(store: Store, tmp_path: Path) -> None:
    integration_id = add_integration(store, "crm")
    empty = listing(store, integration_id)
    assert (empty.review_state, empty.published, empty.modified_date) == ("Draft", False, None)
    edit_listing(store, integration_id, complete(tmp_path), ACTOR)
    assert submit_listing(store, integration_id, ACTOR).review_state == "In Review"
    assert withdraw_listing(store, integration_id, ACTOR).review_state == "Draft"
    submit_listing(store, integration_id, ACTOR)
    shown = publish_listing(store, integration_id, ACTOR)
    assert (shown.review_state, shown.published) == ("Published", True)
    assert shown.published_date is not None
    taken = unpublish_listing(store, integration_id, ACTOR)
    assert (taken.review_state, taken.published, taken.published_date) == ("Draft", False, None)
    trail = [(one.action, one.detail) for one in reversed(activities(store, integration_id))]
    assert [action for action, _ in trail] == [
        "edit listing", "submit listing", "withdraw listing", "submit listing", "publish listing", "unpublish listing",
    ]  # fmt: skip
    assert trail[0][1].startswith("display_name, tagline")
    assert trail[4][1] == "In Review to Published"


def test_publishing_is_refused_with_all_reasons(store: Store, tmp_path: Path) -> None:
    integration_id = add_integration(store, "crm", default_release=False)
    edit_listing(store, integration_id, complete(tmp_path, tagline="", support_email=""), ACTOR)
    (tmp_path / "logo.png").unlink()
    archive_integration(store, integration_id, ACTOR)
    with pytest.raises(NotReadyError) as refused:
        publish_listing(store, integration_id, ACTOR)
    reasons = "\n".join(refused.value.reasons)
    for part in (
        "archived",
        "It is a Draft",
        "no default release",
        "Tagline: missing",
        "Support e-mail",
        "No such file",
    ):
        assert part in reasons
    assert len(refused.value.reasons) == 6
    assert not listing(store, integration_id).published


def test_an_external_integration_needs_no_release(store: Store, tmp_path: Path) -> None:
    integration_id = add_integration(
        store, "partner", default_release=False, type="External", target_url="https://p.example.com"
    )
    edit_listing(store, integration_id, complete(tmp_path), ACTOR)
    submit_listing(store, integration_id, ACTOR)
    assert publish_listing(store, integration_id, ACTOR).published


def test_steps_out_of_turn_are_refused(store: Store, tmp_path: Path) -> None:
    integration_id = add_integration(store, "crm")
    with pytest.raises(RefusedError, match="is not in review"):
        withdraw_listing(store, integration_id, ACTOR)
    with pytest.raises(RefusedError, match="is not published"):
        unpublish_listing(store, integration_id, ACTOR)
    shown = published(store, tmp_path, "other")
    with pytest.raises(NotReadyError, match="published already"):
        publish_listing(store, shown, ACTOR)
    with pytest.raises(NotReadyError, match="only a Draft"):
        submit_listing(store, shown, ACTOR)


def test_a_published_listing_stays_complete(store: Store, tmp_path: Path) -> None:
    shown = published(store, tmp_path)
    with pytest.raises(InvalidError) as refused:
        edit_listing(store, shown, {"tagline": "", "support_email": ""}, ACTOR)
    assert set(refused.value.problems) == {"tagline", "support_email"}
    changed = edit_listing(store, shown, {"support_email": "", "support_url": "https://example.com/help"}, ACTOR)
    assert changed.published


def test_two_people_change_different_fields(store: Store) -> None:
    integration_id = add_integration(store, "crm")
    edit_listing(store, integration_id, {"tagline": "one"}, ACTOR)
    edit_listing(store, integration_id, {"pricing_note": "free"}, ACTOR)
    content = listing(store, integration_id).content
    assert (content.tagline, content.pricing_note) == ("one", "free")
    before = len(activities(store))
    edit_listing(store, integration_id, {"tagline": "one"}, ACTOR)
    assert len(activities(store)) == before


def test_image_files_are_looked_at_when_they_are_new(store: Store, tmp_path: Path) -> None:
    integration_id = add_integration(store, "crm")
    with pytest.raises(InvalidError) as refused:
        edit_listing(store, integration_id, {"screenshots": ("/no/such.png",), "tagline": "kept?"}, ACTOR)
    assert list(refused.value.problems) == ["screenshots"]
    edit_listing(store, integration_id, complete(tmp_path), ACTOR)
    (tmp_path / "logo.png").unlink()
    assert edit_listing(store, integration_id, {"tagline": "changed"}, ACTOR).content.tagline == "changed"


def test_a_field_that_is_not_there_is_told_with_what_is_near(store: Store) -> None:
    with pytest.raises(InvalidError, match="Did you mean tagline"):
        edit_listing(store, add_integration(store, "crm"), {"taglin": "x"}, ACTOR)


def test_words_in_use_come_from_all_listings(store: Store) -> None:
    first, second = add_integration(store, "a"), add_integration(store, "b")
    edit_listing(store, first, {"categories": (Category("CRM"),), "tags": ("z", "common")}, ACTOR)
    edit_listing(store, second, {"categories": (Category("CRM", 3), Category("Ads")), "tags": ("common",)}, ACTOR)
    words = words_in_use(store)
    assert words.categories == ("CRM", "Ads")
    assert words.tags == ("common", "z")


def test_a_row_with_things_nobody_knows_still_opens(store: Store) -> None:
    integration_id = add_integration(store, "crm")
    with store.writing() as session:
        content = {"tagline": 5, "future": True, "tags": "x", "categories": [{"n": 1}], "display_name": "There"}
        session.add(
            ListingRow(
                integration_id=integration_id, content=content, modified_date=listing_date(store, integration_id)
            )
        )
    assert listing(store, integration_id).content == ListingContent(display_name="There")


def listing_date(store: Store, integration_id: int) -> Any:
    from pandium_tui.hub.integrations import integration

    return integration(store, integration_id).created_date


_LINES = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029"), max_size=60)
_WORDS = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=20)
_CONTENTS = st.builds(
    ListingContent,
    display_name=_LINES.map(str.strip),
    tagline=st.sampled_from(["yes", "1e5", "0o17", "~", "- x", "a: b", "#c", "'", '"', "{}", "2020-01-01", "\ufeffx"]),
    long_description=st.text(
        st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t", exclude_characters="\u2028\u2029"),
        max_size=200,
    ).map(lambda text: text.strip("\n")),
    screenshots=st.lists(_WORDS.map(lambda word: f"/images/{word}.png"), max_size=3).map(tuple),
    categories=st.lists(st.builds(Category, _WORDS, st.integers(0, 999)), max_size=3).map(tuple),
    tags=st.lists(_WORDS, max_size=3).map(tuple),
)


@given(_CONTENTS)
def test_what_is_exported_can_be_read_again(tmp_path_factory: pytest.TempPathFactory, content: ListingContent) -> None:
    file = tmp_path_factory.getbasetemp() / f"listing-{os.getpid()}.yaml"
    file.write_text(listing_yaml(content), encoding="utf-8")
    try:
        again = changed_content(ListingContent(), read_listing(file))
    except InvalidError as error:
        assert set(error.problems) == set(problems_of(content))
        return
    assert again == content


@given(_CONTENTS)
def test_texts_and_plain_data_mean_the_same_content(content: ListingContent) -> None:
    assert {name: value_from_text(name, text_of(content, name)) for name in FIELD_BY_NAME} == {
        name: getattr(content, name) for name in FIELD_BY_NAME
    }
    parsed, problems = parsed_values(plain_values(content))
    assert problems == {}
    assert changed_content(ListingContent(), parsed) == content


def test_yaml_is_made_for_people(tmp_path: Path) -> None:
    text = listing_yaml(ListingContent(**complete(tmp_path)))
    assert text.startswith("display_name: 'CRM Sync'\ntagline: ")
    assert "long_description: |-\n  # What it does\n\n  - reads contacts\n" in text
    assert listing_yaml(ListingContent()) == "{}\n"


def test_problems_of_a_file_have_lines(tmp_path: Path) -> None:
    file = tmp_path / "listing.yaml"
    file.write_text("tagline: fine\ndisplay_name: 5\nvideo_url: ftp://x\ntaglin: x\ntags: one\n")
    with pytest.raises(InvalidError) as refused:
        read_listing(file)
    problems = refused.value.problems
    assert problems["display_name"].startswith(f"{file}:2:1: must be a text")
    assert problems["video_url"].startswith(f"{file}:3:1: ")
    assert "Did you mean tagline" in problems["taglin"]
    assert "must be a list" in problems["tags"]
    file.write_text("a: [\n")
    with pytest.raises(InvalidError, match=f"{file}:2:1"):
        read_listing(file)
    file.write_text("- x\n")
    with pytest.raises(InvalidError, match="must hold fields"):
        read_listing(file)
    with pytest.raises(InvalidError, match="No such file"):
        read_listing(tmp_path / "none.yaml")


def test_images_of_a_file_are_meant_from_its_folder(tmp_path: Path) -> None:
    file = tmp_path / "listing.yaml"
    file.write_text("logo: images/logo.png\nflag_color: '#fff'\n")
    assert read_listing(file) == {"logo": str(tmp_path / "images/logo.png"), "flag_color": "#fff"}


def test_import_replaces_everything_and_export_never_overwrites(store: Store, tmp_path: Path) -> None:
    integration_id = add_integration(store, "crm")
    edit_listing(store, integration_id, complete(tmp_path, pricing_note="free"), ACTOR)
    replaced = replace_listing(store, integration_id, ListingContent(tagline="only"), ACTOR)
    assert replaced.content == ListingContent(tagline="only")
    assert activities(store)[0].action == "import listing"
    write_listing(replaced.content, tmp_path / "out.yaml")
    with pytest.raises(RefusedError, match="File exists"):
        write_listing(ListingContent(), tmp_path / "out.yaml")
    assert (tmp_path / "out.yaml").read_text() == "tagline: 'only'\n"
