"""``pandium-tui help``: what it prints is true of the program; so is the rest of the documentation."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from urllib.parse import unquote

import pytest
import typer.main
from typer.testing import CliRunner

from pandium_tui.cli.main import app
from pandium_tui.cli.topics import GENERATED, all_commands, setting_meanings, topics
from pandium_tui.settings import Settings

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    [ROOT / "README.md", *ROOT.glob("docs/*.md"), *ROOT.glob("pandium_tui/topics/*.md"), ROOT / "benchmarks/README.md"]
)
COMMANDS = dict(all_commands(typer.main.get_command(app)))
ROFF_REQUESTS = {".TH", ".SH", ".SS", ".PP", ".IP", ".TP", ".B", ".nf", ".fi"}


def printed(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["help", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def command_lines(text: str) -> Iterator[str]:
    """What a reader would type: in blocks of shell code, and in code within a sentence."""
    for block in re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if found := re.search(r"pandium-tui [a-z].*", line):
                yield found[0].split(" #")[0]
    for found in re.finditer(r"`pandium-tui ([a-z-][^`]*)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)):
        yield f"pandium-tui {' '.join(found[1].split())}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_documents_name_only_commands_and_options_that_exist(document: Path) -> None:
    for line in command_lines(document.read_text(encoding="utf-8")):
        words = shlex.split(line.replace("|", " "))[1:]
        options = [word.split("=")[0] for word in words if word.startswith("--")]
        path = [word for word in words if not word.startswith("-")]
        depth = next((depth for depth in (2, 1) if " ".join(path[:depth]) in COMMANDS), 0)
        if depth == 0:
            assert not path or any(name.startswith(f"{path[0]} ") for name in COMMANDS), f"{document.name}: {line}"
            continue
        known = {name for one in COMMANDS[" ".join(path[:depth])].params for name in [*one.opts, *one.secondary_opts]}
        assert set(options) <= known | {"--home", "--help"}, f"{document.name}: {line}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        assert "://" in target or (document.parent / unquote(target)).exists(), f"{document.name}: {target}"
    for named in re.findall(r"`(docs/[\w./-]+|pandium_tui/[\w./-]+)`", text):
        assert (ROOT / named).exists(), f"{document.name}: {named}"
    for named in re.findall(r"the topic `([\w-]+)`", text):
        assert named in topics(), f"{document.name}: the topic {named}"


def test_every_topic_is_listed_and_can_be_read() -> None:
    listed = printed()
    for name, title in topics().items():
        assert f"  {name} " in listed
        assert printed(name).startswith(f"# {title}\n")
    assert json.loads(printed("schedules", "--json"))["title"] == "Schedules"
    assert list(json.loads(printed("--json"))) == list(topics())


def test_the_index_of_the_documentation_has_every_topic() -> None:
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    assert [file.name for file in ROOT.glob("pandium_tui/topics/*.md") if f"topics/{file.name})" not in index] == []
    assert [name for name in GENERATED if f"]({name}.md)" not in index] == []


@pytest.mark.parametrize("topic", GENERATED)
def test_what_the_program_tells_of_itself_is_in_the_documentation_as_it_is(topic: str) -> None:
    kept = (ROOT / f"docs/{topic}.md").read_text(encoding="utf-8")
    assert kept == printed(topic), f"renew it: pandium-tui help {topic} > docs/{topic}.md"


def test_a_topic_that_is_not_there_is_told_with_those_that_are() -> None:
    result = CliRunner().invoke(app, ["help", "shedules"])
    assert (result.exit_code, "schedules" in result.output) == (2, True)


def test_every_command_and_every_setting_is_told() -> None:
    assert [name for name in COMMANDS if f"## pandium-tui {name}" not in printed("commands")] == []
    assert [one.name for one in fields(Settings) if not setting_meanings().get(one.name)] == []
    assert [name for name, command in COMMANDS.items() if not command.help] == []


def test_the_man_page_has_all_of_it_and_only_known_requests() -> None:
    page = printed("--man")
    assert {line.split()[0] for line in page.splitlines() if line.startswith((".", "'"))} <= ROFF_REQUESTS
    for title in topics().values():
        assert f'.SH "{title.split(":")[0].split("`")[0].strip()}' in page
    assert "pandium\\-tui vault rotate" in page


def test_the_version_says_what_a_report_needs() -> None:
    told = CliRunner().invoke(app, ["--version"]).output
    assert re.search(r"^pandium-tui \d.*\nPython \d.*, Textual \d.*, SQLite \d.*\n.*TERM=", told)
