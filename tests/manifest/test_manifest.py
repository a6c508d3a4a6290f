import tracemalloc

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pandium_tui.manifest.base import Base
from pandium_tui.manifest.manifest import KNOWN_KEYS, Manifest, read_manifest

FULL = """\
version: 0.4
base: python:3.11
build: pip install -r requirements.txt
run: python -m deskbridge
connectors:
  - slack-oauth
  - aws
configs:
  schema:
    required: [queue]
    definitions:
      queues: {oneOf: [{const: placeholder, title: Run init first}]}
    properties:
      queue: {$ref: '#/definitions/queues'}
      push: {type: boolean, default: false}
  uischema:
    type: VerticalLayout
    elements: []
metadata_schema:
  schema: {properties: {cursor: {type: string}}}
"""
NEEDED = "version: 0.4\nbase: Node\nrun: node .\n"


def manifest(text: str) -> Manifest:
    reading = read_manifest(text.encode())
    assert reading.problems == ()
    assert reading.manifest is not None
    return reading.manifest


def found(text: str | bytes) -> list[tuple[str, int, int, str]]:
    problems = read_manifest(text if isinstance(text, bytes) else text.encode()).problems
    return [(problem.severity, problem.line, problem.column, problem.path) for problem in problems]


def test_a_full_manifest() -> None:
    whole = manifest(FULL)
    expected = yaml.safe_load(FULL)
    assert whole == Manifest(
        version="0.4",
        base=Base("python", "3.11", "python:3.11"),
        build="pip install -r requirements.txt",
        run="python -m deskbridge",
        configs=expected["configs"],
        connectors=("slack-oauth", "aws"),
        metadata_schema=expected["metadata_schema"],
        text=FULL,
    )
    assert whole.config_schema == expected["configs"]["schema"]
    assert whole.config_uischema == expected["configs"]["uischema"]


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "configs:\n",
        "configs: {}\nbuild:\nconnectors:\nmetadata_schema:\n",
        "configs: {schema: {}, uischema: {}}\nbuild: ''\nconnectors: []\n",
        "configs:\n  schema:\n  uischema:\n",
        "configs: {schema: {type: object, properties: , definitions: , required: }}\n",
    ],
)
def test_what_may_be_missing_or_empty(rest: str) -> None:
    small = manifest(NEEDED + rest)
    assert (small.build, small.connectors, small.config_schema.get("properties"), small.config_uischema) == (
        None,
        (),
        None,
        {},
    )


@pytest.mark.parametrize(
    ("written", "shown", "warned"),
    [
        ("0.4", "0.4", False),
        ("0.5", "0.5", False),
        ("1.0", "1.0", False),
        ("1", "1", False),
        ("0.40", "0.40", False),
        ("'0.4'", "0.4", False),
        ("0.6", "0.6", True),
        ("2", "2", True),
        ("'2'", "2", True),
    ],
)
def test_versions(written: str, shown: str, warned: bool) -> None:
    reading = read_manifest(NEEDED.replace("0.4", written).encode())
    assert reading.manifest is not None
    assert reading.manifest.version == shown
    places = [(problem.severity, problem.line, problem.column, problem.path) for problem in reading.problems]
    assert places == ([("warning", 1, 10, "/version")] if warned else [])


def test_a_missing_version_is_a_warning() -> None:
    reading = read_manifest(b"# no version\nbase: Node\nrun: node .\n")
    assert reading.manifest is not None
    assert reading.manifest.version == "0.4"
    (problem,) = reading.problems
    assert (problem.severity, problem.line, problem.column, problem.path) == ("warning", 2, 1, "")


def test_unknown_keys_are_warnings_with_a_suggestion() -> None:
    reading = read_manifest((NEEDED + "Build: make\nconfig: {}\nzebra: 1\nconfigs: {ui_schema: {}}\n").encode())
    assert reading.manifest is not None
    assert [(problem.severity, problem.line, problem.path) for problem in reading.problems] == [
        ("warning", 4, "/Build"),
        ("warning", 5, "/config"),
        ("warning", 6, "/zebra"),
        ("warning", 7, "/configs/ui_schema"),
    ]
    says = [problem.message for problem in reading.problems]
    assert "did you mean build?" in says[0]
    assert "did you mean configs?" in says[1]
    assert "known are version, base" in says[2]
    assert "did you mean uischema?" in says[3]


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("", (1, 1, ""), "the file is empty"),
        ("# nothing\n", (1, 1, ""), "the file is empty"),
        ("--- ~\n", (1, 5, ""), "not empty"),
        ("- base: Node\n", (1, 1, ""), "must be a mapping"),
        ("just words\n", (1, 1, ""), 'not the text "just words"'),
        ("version: 0.4\nbase: Node\n", (1, 1, ""), "run is missing"),
        ("version: 0.4\nrun: node .\n", (1, 1, ""), "base is missing"),
        (NEEDED.replace("node .", ""), (3, 1, "/run"), "run is empty"),
        (NEEDED.replace("node .", "'  '"), (3, 1, "/run"), "run is empty"),
        (NEEDED.replace("node .", "true"), (3, 6, "/run"), "not the boolean true; put it in quotes"),
        (NEEDED.replace("node .", "12"), (3, 6, "/run"), "not the number 12; put it in quotes"),
        (NEEDED.replace("node .", "[node, .]"), (3, 6, "/run"), "run must be a text, not a list"),
        (NEEDED.replace("node .", '"a\\0b"'), (3, 6, "/run"), "NUL"),
        (NEEDED.replace("node .", "x" * 131_072), (3, 6, "/run"), "longer than 131,071 bytes"),
        (NEEDED + "build: {a: b}\n", (4, 8, "/build"), "build must be a text, not a mapping"),
        (NEEDED.replace("Node", "nod"), (2, 7, "/base"), "did you mean node?"),
        (NEEDED.replace("Node", "3.11"), (2, 7, "/base"), "base must be a text, not the number 3.11"),
        (NEEDED.replace("0.4", "abc"), (1, 10, "/version"), "version must be a number"),
        (NEEDED.replace("0.4", "true"), (1, 10, "/version"), "version must be a number"),
        (NEEDED.replace("0.4", "[1]"), (1, 10, "/version"), "version must be a number"),
        (NEEDED.replace("0.4", f"'{'1' * 40}'"), (1, 10, "/version"), "version must be a number"),
        (NEEDED + "connectors: aws\n", (4, 13, "/connectors"), "must be a list"),
        (NEEDED + "connectors: {aws: }\n", (4, 13, "/connectors"), "must be a list"),
        (NEEDED + "connectors: [aws, {}]\n", (4, 19, "/connectors/1"), "not a mapping"),
        (NEEDED + "connectors: [12]\n", (4, 14, "/connectors/0"), "not the number 12"),
        (NEEDED + "connectors: ['']\n", (4, 14, "/connectors/0"), "not an empty text"),
        (NEEDED + "configs: []\n", (4, 10, "/configs"), '"configs" must be a mapping'),
        (NEEDED + "configs: {schema: x}\n", (4, 19, "/configs/schema"), '"schema" must be a mapping'),
        (NEEDED + "configs: {uischema: []}\n", (4, 21, "/configs/uischema"), '"uischema" must be a mapping'),
        (NEEDED + "configs: {schema: {type: array}}\n", (4, 26, "/configs/schema/type"), 'must be "object"'),
        (NEEDED + "configs: {schema: {properties: []}}\n", (4, 32, "/configs/schema/properties"), "not a list"),
        (
            NEEDED + "configs:\n  schema:\n    properties:\n      a/b: text\n",
            (7, 12, "/configs/schema/properties/a~1b"),
            '"a/b" must be a mapping of keys to values, not the text "text"',
        ),
        (
            NEEDED + "configs:\n  schema:\n    definitions:\n      a:\n",
            (7, 7, "/configs/schema/definitions/a"),
            '"a" must be a mapping of keys to values, not empty',
        ),
        (NEEDED + "configs: {schema: {required: a}}\n", (4, 30, "/configs/schema/required"), "must be a list"),
        (NEEDED + "configs: {schema: {required: [1]}}\n", (4, 31, "/configs/schema/required/0"), "not the number 1"),
        (NEEDED + "metadata_schema: 3\n", (4, 18, "/metadata_schema"), '"metadata_schema" must be a mapping'),
        (NEEDED + "run: again\n", (4, 1, "/run"), "written twice"),
        # A value that could not be read is not judged a second time.
        (NEEDED.replace("node .", "*x"), (3, 6, "/run"), "aliases"),
        (NEEDED.replace("Node", "!x y"), (2, 7, "/base"), "tags"),
        (NEEDED.replace("0.4", ".inf"), (1, 10, "/version"), "infinity"),
        (NEEDED + "configs: *x\n", (4, 10, "/configs"), "aliases"),
        (NEEDED + "connectors: [*x]\n", (4, 14, "/connectors/0"), "aliases"),
        ("*x\n", (1, 1, ""), "aliases"),
    ],
    ids=lambda part: repr(part)[:40],
)
def test_errors(text: str, place: tuple[int, int, str], says: str) -> None:
    reading = read_manifest(text.encode())
    assert reading.manifest is None
    (problem,) = reading.problems
    assert problem.severity == "error"
    assert (problem.line, problem.column, problem.path) == place
    assert says in problem.message


def test_all_problems_are_listed_by_line_with_errors_first() -> None:
    text = "zebra: {a: 1, a: 2}\nversion: 3\nbase: nodde\nrun: 1\nrun: 2\nconnectors: [aws, aws, 1]\n"
    assert found(text) == [
        ("error", 1, 15, "/zebra/a"),
        ("warning", 1, 1, "/zebra"),
        ("warning", 2, 10, "/version"),
        ("error", 3, 7, "/base"),
        ("error", 4, 6, "/run"),
        ("error", 5, 1, "/run"),
        ("error", 6, 24, "/connectors/2"),
        ("warning", 6, 19, "/connectors/1"),
    ]


def test_a_long_list_of_problems_is_cut_and_says_so() -> None:
    unknown = "".join(f"key{number}: 1\n" for number in range(5000))
    reading = read_manifest((NEEDED + unknown).encode())
    assert reading.manifest is not None
    assert len(reading.problems) == 100
    assert "more problems" in reading.problems[-1].message
    assert all(problem.severity == "warning" for problem in reading.problems)
    # An error in the part that is cut off still makes the file wrong.
    reading = read_manifest((NEEDED + unknown + "configs: 1\n").encode())
    assert reading.manifest is None
    assert reading.problems[-1].severity == "error"


def test_texts_of_the_file_are_short_and_harmless_in_messages() -> None:
    keys = ['"\\e]0;title\\a\\u202e"', "k" * 900, '"' + "\\e" * 5000 + '"']
    text = NEEDED + "".join(f"? {key}\n: 1\n" for key in keys)
    problems = read_manifest(text.encode()).problems
    assert len(problems) == 3
    for problem in problems:
        assert problem.message.isprintable()
        assert len(problem.message) < 220
    assert "␛]0;title␇" in problems[0].message


HOSTILE = {
    "deep brackets": b"[" * 20_000 + b"]" * 20_000,
    "brackets": b"[" * 250 * 1024,
    "braces": b"{" * 250 * 1024,
    "deep dashes": b"- " * 125 * 1024,
    "question marks": b"? " * 125 * 1024,
    "billion laughs": b"a0: &a0 [x, x]\n"
    + b"".join(b"a%d: &a%d [*a%d, *a%d]\n" % (n, n, n - 1, n - 1) for n in range(1, 40)),
    "merge keys": b"a0: &a0 {x: 1}\n"
    + b"".join(b"a%d: &a%d {<<: [*a%d, *a%d]}\n" % (n, n, n - 1, n - 1) for n in range(1, 40)),
    "long number": b"version: " + b"9" * 5000,
    "longer number": b"version: " + b"9" * 250 * 1024,
    "doubled keys": b"a:\n" * 80_000,
    "different keys": b"".join(b"%x:\n" % number for number in range(40_000)),
    "keys in flow": b"{" + b"".join(b"%x," % number for number in range(30_000)) + b"}",
    "aliases": b"[" + b"*a," * 80_000,
    "bad numbers": b"[" + b".inf," * 40_000 + b"]",
    "long keys above many problems": b"".join(b" " * n + b"k" * 1000 + b":\n" for n in range(60))
    + (b" " * 60 + b"[" + b".inf," * 20_000 + b"]"),
    "bad connectors": NEEDED.encode() + b"connectors: [" + b"1," * 49_000 + b"]",
    "bad properties": NEEDED.encode()
    + b"configs: {schema: {properties: {"
    + b",".join(b"%x: 1" % n for n in range(20_000))
    + b"}}}",
    "one long key": b"? " + b"k" * 250 * 1024 + b"\n: 1",
    "one long text": b"run: '" + b"\n" * 250 * 1024,
    "comments": b"#\n" * 125 * 1024,
    "blanks": b" " * 250 * 1024,
    "tag directives": b"".join(b"%%TAG !%x! b\n" % number for number in range(15_000)) + b"--- a\n",
    "documents": b"---\n" * 60_000,
    "nul bytes": b"\0" * 250 * 1024,
    "a control character in each line": b"\x01\n" * 125 * 1024,
    "bytes that are not UTF-8": b"\n" * 200_000 + b"\xff" * 1000,
    "utf-16": (NEEDED * 3000).encode("utf-16"),
    "too large": b"a" * 300 * 1024,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_within_bounds(name: str) -> None:
    tracemalloc.start()
    try:
        reading = read_manifest(HOSTILE[name])
        assert tracemalloc.get_traced_memory()[1] < 100 * 1024 * 1024
    finally:
        tracemalloc.stop()
    assert reading.manifest is None
    assert 1 <= len(reading.problems) <= 100


@given(content=st.binary(max_size=400))
def test_any_bytes_give_a_reading(content: bytes) -> None:
    check_reading(content)


words = st.sampled_from(
    [*KNOWN_KEYS, "schema", "uischema", "properties", "required", "type", "0.4", "node", "a", "<<", "é", "", "true"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4),
    max_leaves=15,
)


@given(document=values | st.dictionaries(words, values, max_size=8), cut=st.integers(0, 60))
def test_any_document_gives_a_reading(document: object, cut: int) -> None:
    dumped = yaml.safe_dump(document, allow_unicode=True).encode()
    check_reading(dumped)
    check_reading(dumped[: -cut or None])


def check_reading(content: bytes) -> None:
    reading = read_manifest(content)
    lines = [problem.line for problem in reading.problems]
    assert lines == sorted(lines)
    for problem in reading.problems:
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.path == "" or problem.path.startswith("/")
        assert problem.message.isprintable()
    has_error = any(problem.severity == "error" for problem in reading.problems)
    assert (reading.manifest is None) == has_error
    for problem, following in zip(reading.problems, reading.problems[1:], strict=False):
        if problem.line == following.line:
            assert (problem.severity, following.severity) != ("warning", "error")
