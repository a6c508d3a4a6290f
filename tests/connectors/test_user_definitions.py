from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from pandium_tui.connectors.catalogue import Catalogue, catalogue
from pandium_tui.connectors.catalogue_files import MAX_FILE_BYTES
from pandium_tui.connectors.definitions import Method
from tests.connectors.conftest import CRM

Data = dict[str, Any]


def changed(change: Callable[[Data], object]) -> str:
    """The good definition with one change to its first method."""
    data = yaml.safe_load(CRM)
    change(data["connectors"][0]["methods"][0])
    return yaml.safe_dump(data)


def read(folder: Path, text: str | bytes) -> Catalogue:
    (folder / "mine.yaml").write_bytes(text.encode() if isinstance(text, str) else text)
    return catalogue(folder)


def test_a_definition_joins_the_catalogue(tmp_path: Path, crm: Callable[[str], Method]) -> None:
    known = catalogue(tmp_path)
    connector = known.find("crm")
    assert connector is not None
    assert connector.own
    assert len(known.connectors) == len(catalogue().connectors) + 1
    assert crm("token").keys == ("BASE_URL", "ACCESS_TOKEN")


def test_without_a_folder_there_is_the_catalogue_of_the_program(tmp_path: Path) -> None:
    assert catalogue(tmp_path / "missing") == catalogue()


def test_a_correction_counts_at_once(tmp_path: Path) -> None:
    assert read(tmp_path, CRM.replace("label: CRM", "label: 5")).find("crm") is None
    assert read(tmp_path, CRM).find("crm") is not None


def test_a_definition_of_ones_own_replaces_one_of_the_program_with_a_warning(tmp_path: Path) -> None:
    known = read(tmp_path, CRM.replace("id: crm", "id: stripe"))
    connector = known.find("stripe")
    assert connector is not None
    assert connector.own
    assert [problem.severity for problem in known.problems] == ["warning"]
    assert "stripe" in str(known.problems[0])


def test_a_broken_file_hides_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("connectors: [")
    (tmp_path / "b.yaml").write_text(CRM)
    (tmp_path / "c.yaml").write_text(CRM)
    (tmp_path / "d.yaml").mkdir()
    (tmp_path / "e.txt").write_text("not a definition")
    known = catalogue(tmp_path)
    assert known.find("crm") is not None
    assert known.find("slack") is not None
    assert [Path(problem.file).name for problem in known.problems] == ["a.yaml", "c.yaml", "d.yaml"]
    assert "line 1" in known.problems[0].place
    assert "b.yaml" in known.problems[1].message


def test_a_broken_connector_does_not_hide_the_next_one_in_its_file(tmp_path: Path) -> None:
    data = yaml.safe_load(CRM)
    data["connectors"].insert(0, {"id": "other", "label": "Other", "methods": []})
    known = read(tmp_path, yaml.safe_dump(data))
    assert known.find("other") is None
    assert known.find("crm") is not None
    assert [problem.place for problem in known.problems] == ["connectors[0] (other).methods"]


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (b"\xff\xfe", "", "UTF-8"),
        (b"#" * (MAX_FILE_BYTES + 1), "", "larger"),
        ("[]", "", "object"),
        ("version: 2\nconnectors: []", "version", "1"),
        ("version: 1\nconnectors: []\nmore: 1", "", "more"),
        ("a: &x 1\nb: *x", "line 2, column 4", "aliases"),
        ("version: 1\nversion: 1", "line 2, column 1", "twice"),
        ("1: x", "line 1, column 1", "must be a text"),
        ("version: 1\nconnectors: !!set {a}", "", "other than"),
        ("version: 1\nconnectors: !!python/object:os.system {}", "line 2, column 13", "could not determine"),
        pytest.param("[" * 5000, "", "RecursionError", id="nested"),
        ("version: 1\nconnectors: [{id: Ü, label: x, methods: [1]}]", "connectors[0] (Ü).id", "match"),
        ("version: 1\nconnectors:\n- 2020-01-01", "connectors[0]", "object"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(tmp_path: Path, text: str | bytes, place: str, message: str) -> None:
    known = read(tmp_path, text)
    found = [problem for problem in known.problems if problem.place == place and message in problem.message]
    assert found, known.problems
    assert all(problem.file == str(tmp_path / "mine.yaml") for problem in known.problems)
    assert known.find("slack") is not None


@pytest.mark.parametrize(
    ("change", "place", "message"),
    [
        (lambda m: m.update(kind="magic"), "kind", "static"),
        (lambda m: m.update(colour="red"), "", "colour"),
        (lambda m: m.pop("test"), "test", "untested"),
        (lambda m: m["fields"].clear(), "fields", "at least one"),
        (lambda m: m["fields"].append(dict(m["fields"][0])), "fields", "base_url"),
        (lambda m: m["fields"][0].update(level="tenant"), "fields[0].level", "provisioning"),
        (lambda m: m["fields"][1].update(default="x"), "fields[1]", "default"),
        (lambda m: m["fields"][1].update(obtained=True), "fields[1]", "sign-in"),
        (lambda m: m["inject"].update(nothing="NOTHING"), "inject", '"nothing"'),
        (lambda m: m["inject"].update(base_url="ACCESS_TOKEN"), "inject", "twice"),
        (lambda m: m["inject"].update(base_url="CLIENT_SECRET"), "inject", "never"),
        (lambda m: m["inject"].update(base_url="lower"), "inject.base_url", "match"),
        (lambda m: m.update(compose={"URL": "x{refresh_token}"}), "compose.URL", "refresh_token"),
        (lambda m: m["test"].update(url="http://api.example.com/"), "test.url", "https"),
        (lambda m: m["test"].update(url="{base_url}/{access_token}"), "test.url", "access_token"),
        (lambda m: m["test"].update(url="{base_url}/?account={base_url}"), "test.url", "query"),
        (lambda m: m["test"].update(url="https://{base_url}/"), "test.url", "host"),
        (lambda m: m["test"].update(url="https://a@b.example/"), "test.url", "not a host"),
        (lambda m: m["test"].update(url="{base_url}/{"), "test.url", "brace"),
        (lambda m: m["test"].update(url="{base_url}/{nobody}"), "test.url", "nobody"),
        (lambda m: m["test"].update(json={}), "test.json", "POST"),
        (lambda m: m["test"].update(headers={"Host": "x"}), "test.headers", "HTTP itself"),
        (lambda m: m["test"].update(headers={"Authorization": "x"}), "test.headers", "credentials"),
        (lambda m: m["test"].update(headers={"X": "a\nb"}), "test.headers", "header"),
        (lambda m: m["test"].update(expect=[{"path": "a"}]), "test.expect[0]", "equals"),
        (lambda m: m["test"].update(meanings={"403": "connected"}), "test.answers", "connected"),
        (lambda m: m["test"]["credentials"].update(how="basic"), "test.credentials", "password"),
        (lambda m: m["test"]["credentials"].update(how="query"), "test.credentials.how", "bearer"),
        (lambda m: m["test"]["credentials"].update(token="{base_url}"), "test.credentials", "prove nothing"),
    ],
)
def test_what_is_wrong_with_a_method_is_told(
    tmp_path: Path, change: Callable[[Data], object], place: str, message: str
) -> None:
    known = read(tmp_path, changed(change))
    assert known.find("crm") is None
    wanted = "connectors[0] (crm).methods[0]" + (f".{place}" if place else "")
    found = [problem for problem in known.problems if problem.place == wanted and message in problem.message]
    assert found, [str(problem) for problem in known.problems]


def test_a_value_cannot_continue_the_host_of_a_base_url(tmp_path: Path) -> None:
    def change(method: Data) -> None:
        method["fields"].append({"name": "rest", "label": "Rest"})
        method["test"]["url"] = "{base_url}{rest}"

    known = read(tmp_path, changed(change))
    assert any("continues the address" in problem.message for problem in known.problems)


def test_control_characters_of_a_file_do_not_reach_a_message(tmp_path: Path) -> None:
    known = read(tmp_path, 'version: 1\nconnectors: [{id: "\\e[2J", label: x, methods: []}]')
    assert known.problems
    assert not any("\x1b" in str(problem) for problem in known.problems)
