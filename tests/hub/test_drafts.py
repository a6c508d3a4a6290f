"""Drafts of forms, as files."""

import os
import time
from dataclasses import replace
from pathlib import Path

from pandium_tui.engine.processes import identity_of
from pandium_tui.hub.configs import lines_to_keep
from pandium_tui.hub.drafts import Drafts
from pandium_tui.hub.settings_files import entries_to_keep


def test_a_draft_is_there_for_the_next_app_and_this_user_only(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path / "drafts")
    drafts.note("tenant-1-edit", {"name": "acme", "rows": [{"a": 1}]}, {"name": "ac", "rows": []}, ["Token"])
    drafts.write()
    found = Drafts(tmp_path / "drafts").find("tenant-1-edit")
    assert found is not None
    assert (found.values, found.left_out) == ({"name": "acme", "rows": [{"a": 1}]}, ("Token",))
    assert found.changed_since({"name": "ac", "rows": []}) == []
    assert found.changed_since({"name": "other", "rows": []}) == ["name"]
    assert [file.stat().st_mode & 0o777 for file in (tmp_path / "drafts").iterdir()] == [0o600]
    assert (tmp_path / "drafts").stat().st_mode & 0o777 == 0o700
    drafts.drop("tenant-1-edit")
    assert list((tmp_path / "drafts").iterdir()) == []


def test_names_from_outside_and_files_by_hand_do_no_harm(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path / "drafts")
    drafts.note("connector-../../x", {"a": "b"}, {})
    drafts.write()
    assert [one.name for one in tmp_path.iterdir()] == ["drafts"]
    for text in ("", "[]", '{"values": 1}', '{"values": {}, "stored": {}, "left_out": [], "kept": null}'):
        (tmp_path / "drafts" / "broken@1.2.3.json").write_text(text)
        assert Drafts(tmp_path / "drafts").find("broken") is None


def test_an_address_with_a_password_is_in_no_byte(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path / "drafts")
    addresses = {
        "one": "https://me:canary@git.example.com/x",
        "two": "ssh://me:canary@h/x",
        "three": "https://canary@h",
    }
    drafts.note("new", {**addresses, "four": ["https://canary@h"], "five": "ssh://git@host/x"}, {})
    drafts.write()
    found = Drafts(tmp_path / "drafts").find("new")
    assert found is not None
    assert (found.values, found.left_out) == ({"five": "ssh://git@host/x"}, ("one", "two", "three", "four"))
    assert all(b"canary" not in file.read_bytes() for file in (tmp_path / "drafts").iterdir())


def test_where_a_setting_is_secret_only_lines_of_known_ones_are_kept() -> None:
    text = "batch=5\n# canary\ntoken=canary\ntok=canary\nKEY=-----BEGIN\ncanary==\n=canary"
    assert lines_to_keep(text, {"batch", "token"}, {"token"}) == "batch=5"
    assert lines_to_keep(text, {"batch"}, ()) == text


def test_a_draft_is_that_of_the_process_it_was_typed_into_until_that_has_ended(tmp_path: Path) -> None:
    parent, first = identity_of(os.getppid()), identity_of(1)
    assert parent is not None
    assert first is not None
    folder, now = tmp_path / "drafts", time.time()
    for age, process in enumerate((replace(parent, start_ticks=0), replace(parent, boot_id="another"), parent)):
        drafts = Drafts(folder, process)
        drafts.note("form", {"age": age}, {})
        drafts.write()
        (file,) = folder.glob(f"form@{process.pid}.{process.start_ticks}.{process.boot_id}.json")
        os.utime(file, (now - age, now - age))

    def found(drafts: Drafts) -> tuple[object, int | None]:
        draft = drafts.find("form")
        assert draft is not None
        return draft.values["age"], draft.open_in

    mine, its, theirs = Drafts(folder), Drafts(folder, first), Drafts(folder, parent)
    assert found(mine) == (0, None)  # the newest that was left is its own from now on
    assert found(its) == (1, None)
    assert found(theirs) == (2, None)
    mine.drop("form")
    assert found(mine) == (1, 1)  # of others only a look
    its.drop("form")
    assert found(mine) == (2, os.getppid())
    mine.note("form", {"age": "mine"}, {})
    mine.write()
    assert found(theirs) == (2, None)
    assert found(Drafts(folder)) == ("mine", None)
    assert sorted(len(list(folder.glob(f"form@{pid}.*"))) for pid in (1, os.getpid(), os.getppid())) == [0, 1, 1]


def test_of_settings_in_yaml_or_json_only_known_plain_ones_are_kept_where_one_is_secret() -> None:
    known, secret = {"batch", "tags", "token"}, {"token"}

    def kept(text: str) -> str:
        return entries_to_keep(text, known, secret)

    fine = "batch: 5\ntags:\n- a\n- b\n"
    assert kept(fine) == fine
    assert kept('{"batch": 5}') == '{"batch": 5}'
    assert kept(fine + "token: canary\n# canary\ntok: canary\n") == fine
    assert kept('{"batch": 5, "token": "canary"}') == '{\n  "batch": 5\n}\n'
    assert kept("token: canary") == ""
    assert (
        kept('tags: [a, b\nbatch: 5 # canary\ntoken: |\n  canary\n"tags": 1\ntok: "canary') == 'tags: [a, b\n"tags": 1'
    )
    assert kept('{"batch": 5, "token": "canary"') == ""
    assert entries_to_keep("token: [canary # x", known, ()) == "token: [canary # x"
