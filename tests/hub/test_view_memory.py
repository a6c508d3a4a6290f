"""What the app remembers of its looks."""

from pathlib import Path

import pytest

from pandium_tui.hub.view_memory import ViewMemory


def test_what_is_kept_is_there_at_the_next_start_for_this_user_only(tmp_path: Path) -> None:
    file = tmp_path / "view.json"
    memory = ViewMemory(file)
    memory.keep("home.columns", ["name", "tenants"])
    memory.keep("home.filter", "acme")
    memory.keep("home.filter", None)
    again = ViewMemory(file)
    assert again.recall("home.columns", list) == ["name", "tenants"]
    assert again.recall("home.columns", str) is None
    assert again.recall("home.filter", str) is None
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["view.json"]


def test_two_apps_do_not_take_each_others_memories_away(tmp_path: Path) -> None:
    first, second = ViewMemory(tmp_path / "view.json"), ViewMemory(tmp_path / "view.json")
    first.keep("theme", "nord")
    second.keep("home.sort", "name")
    assert ViewMemory(tmp_path / "view.json").recall("theme", str) == "nord"
    assert first.recall("home.sort", str) is None


@pytest.mark.parametrize("text", ["", "[1]", "{", "\udcff", "[" * 100_000])
def test_a_spoilt_file_is_an_empty_one(tmp_path: Path, text: str) -> None:
    file = tmp_path / "view.json"
    file.write_text(text, errors="surrogateescape")
    memory = ViewMemory(file)
    assert memory.recall("theme", str) is None
    memory.keep("theme", "nord")
    assert ViewMemory(file).recall("theme", str) == "nord"


def test_a_memory_that_cannot_be_written_holds_until_the_end(tmp_path: Path) -> None:
    memory = ViewMemory(tmp_path / "missing" / "view.json")
    memory.keep("theme", "nord")
    assert memory.recall("theme", str) == "nord"
