"""Listings and the marketplace from the command line."""

import json
from pathlib import Path

import pytest

from pandium_tui.settings import Settings
from pandium_tui.storage.database import Store
from tests.cli.command_line import CommandLine
from tests.hub.listing_samples import HOSTILE, add_integration, png


@pytest.fixture
def command_line(settings: Settings) -> CommandLine:
    return CommandLine(settings.home)


def test_from_nothing_to_an_exported_marketplace(command_line: CommandLine, store: Store, tmp_path: Path) -> None:
    add_integration(store, "crm")
    (tmp_path / "logo.png").write_bytes(png())
    (tmp_path / "listing.yaml").write_text(
        "display_name: CRM Sync\nlogo: logo.png\nlong_description: |\n  # Title\n\n  Text\ncategories: [CRM]\n"
    )
    status, reasons = command_line.refused("listing", "publish", "crm")
    assert status == 1
    assert "- It is a Draft" in reasons
    assert "- Tagline: missing" in reasons
    edited = command_line.json(
        "listing", "edit", "crm", "--file", str(tmp_path / "listing.yaml"), "--set", f"tagline={HOSTILE}",
        "--set", "short-description=Short", "--set", "developer_name=Acme", "--set", "support_url=https://a.example.com",
        "--set", "tags=a,b", "--set", "tags=c", "--set", "categories=CRM:10",
    )  # fmt: skip
    assert edited["content"]["logo"] == str(tmp_path / "logo.png")
    assert edited["content"]["tags"] == ["a", "b", "c"]
    assert edited["content"]["categories"] == [{"name": "CRM", "order": 10}]
    assert edited["reasons"] == ["It is a Draft: submit it for review first"]
    assert command_line.json("listing", "submit", "crm")["review_state"] == "In Review"
    assert command_line.json("listing", "withdraw", "crm")["review_state"] == "Draft"
    command_line.json("listing", "submit", "crm")
    assert command_line.json("listing", "publish", "crm")["published"] is True

    done = command_line.json("marketplace", "export", str(tmp_path / "site"))
    assert (done["integrations"], done["warnings"]) == (["crm"], [])
    assert "<script>alert(1)" not in (tmp_path / "site" / "integrations" / "crm.html").read_text()
    unpublished = command_line.json("listing", "unpublish", "crm")
    assert unpublished["review_state"] == "Draft"
    assert [one["detail"] for one in unpublished["reviews"]] == [
        "Published to Draft",
        "In Review to Published",
        "Draft to In Review",
        "In Review to Draft",
        "Draft to In Review",
    ]


def test_a_listing_is_shown_to_people_as_text(command_line: CommandLine, store: Store) -> None:
    add_integration(store, "crm")
    done = command_line.run("listing", "edit", "crm", "--set", f"pricing_note={HOSTILE}", "--set", "tagline=It")
    assert done.returncode == 0
    shown = command_line.run("listing", "show", "crm").stdout
    assert f"Pricing note          {HOSTILE}" in shown
    assert "Tagline               It" in shown
    assert "- Display name: missing" in shown


def test_relative_images_are_meant_from_the_current_folder(
    command_line: CommandLine, store: Store, tmp_path: Path
) -> None:
    add_integration(store, "crm")
    (tmp_path / "a.png").write_bytes(png(640, 400))
    arguments = ("listing", "edit", "crm", "--set", "screenshots=a.png", "--set", "screenshots=https://a.example.com/b")
    done = command_line.run(*arguments, "--json", folder=tmp_path)
    assert json.loads(done.stdout)["content"]["screenshots"] == [str(tmp_path / "a.png"), "https://a.example.com/b"]


def test_export_and_import_carry_a_listing_over(command_line: CommandLine, store: Store, tmp_path: Path) -> None:
    add_integration(store, "one")
    add_integration(store, "two")
    command_line.json("listing", "edit", "one", "--set", "display_name=One", "--set", "long_description=a\n\n- b")
    exported = command_line.run("listing", "export", "one").stdout
    assert exported == "display_name: 'One'\nlong_description: |-\n  a\n\n  - b\n"
    assert command_line.run("listing", "export", "one", str(tmp_path / "one.yaml")).returncode == 0
    assert (tmp_path / "one.yaml").read_text() == exported
    assert command_line.refused("listing", "export", "one", str(tmp_path / "one.yaml"))[0] == 1
    assert command_line.json("listing", "export", "one") == {"display_name": "One", "long_description": "a\n\n- b"}
    command_line.json("listing", "edit", "two", "--set", "tagline=goes away")
    done = command_line.run("listing", "import", "two", "-", "--json", stdin=exported)
    content = json.loads(done.stdout)["content"]
    assert (content["display_name"], content["tagline"]) == ("One", "")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--set", "taglin=x"), "Did you mean tagline"),
        (("--set", "tagline"), "must be FIELD=VALUE"),
        (("--set", "tagline=a", "--set", "tagline=b"), "more than once"),
        (("--set", "logo=/no/such.png"), "No such file"),
        (("--set", "tagline=\x1b[31m"), "U+001B"),
        (("--file", "/no/such.yaml"), "No such file"),
        ((), "give --set FIELD=VALUE or --file"),
    ],
)
def test_what_cannot_be_saved_is_told(
    command_line: CommandLine, store: Store, arguments: tuple[str, ...], reason: str
) -> None:
    add_integration(store, "crm")
    status, message = command_line.refused("listing", "edit", "crm", *arguments)
    assert status == 2
    assert reason in message
    assert "\x1b" not in message


def test_the_marketplace_is_not_written_over_other_files(
    command_line: CommandLine, store: Store, tmp_path: Path
) -> None:
    (tmp_path / "index.html").write_text("mine")
    status, message = command_line.refused("marketplace", "export", str(tmp_path))
    assert status == 1
    assert "choose another folder" in message
