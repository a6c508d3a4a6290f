import math
import sys

import pytest
import yaml
from hypothesis import assume, example, given
from hypothesis import strategies as st

from pandium_tui.manifest.problem import Problem
from pandium_tui.manifest.yaml_reading import MAX_BYTES, UNREADABLE, read_yaml

LOADERS = [yaml.SafeLoader, *([yaml.CSafeLoader] if hasattr(yaml, "CSafeLoader") else [])]
both_parsers = pytest.mark.parametrize("loader", LOADERS)


def read(text: str, loader: object = LOADERS[-1]) -> object:
    document = read_yaml(text.encode(), loader)
    assert document.problems == ()
    assert document.root is not None
    return document.root.value


def problems(text: str | bytes, loader: object = LOADERS[-1]) -> tuple[Problem, ...]:
    return read_yaml(text if isinstance(text, bytes) else text.encode(), loader).problems


def places(text: str | bytes, loader: object = LOADERS[-1]) -> list[tuple[int, int, str]]:
    return [(problem.line, problem.column, problem.path) for problem in problems(text, loader)]


@both_parsers
@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12", 12),
        ("-3", -3),
        ("+7", 7),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("1.50", 1.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("true", True),
        ("False", False),
        ("", None),
        ("~", None),
        ("NULL", None),
        ("9" * 30, int("9" * 30)),
        # YAML 1.1 made something else of these:
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("13:37:00", "13:37:00"),
        ("2019-04-01", "2019-04-01"),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("=", "="),
        # Quotes make a text of everything:
        ("'12'", "12"),
        ('"true"', "true"),
        ('""', ""),
        ("!!str 12", "12"),
        ("|\n  12\n", "12\n"),
        ("'<<'", "<<"),
        ('"\\e[1m"', "\x1b[1m"),
    ],
)
def test_scalars_follow_yaml_1_2(loader: object, written: str, value: object) -> None:
    result = read(f"a: {written}\n", loader)
    assert result == {"a": value}
    assert type(result["a"]) is type(value)  # type: ignore[index]


@both_parsers
def test_structures_are_plain_data_with_texts_as_keys(loader: object) -> None:
    text = "a: {4, b: [1, [x: y]]}\n1: one\ntrue: &anchor\n- - deep\n? quoted\n: value\n"
    assert read(text, loader) == {
        "a": {"4": None, "b": [1, [{"x": "y"}]]},
        "1": "one",
        "true": [["deep"]],
        "quoted": "value",
    }


@both_parsers
def test_every_key_and_value_has_its_place(loader: object) -> None:
    document = read_yaml("é: 1\nlist:\n  - x\n  - {k/~: v}\nempty:\n".encode(), loader)
    found = {
        pointer: (node.key_line, node.key_column, node.line, node.column)
        for pointer in ("", "/é", "/list", "/list/0", "/list/1", "/list/1/k~1~0", "/empty")
        if (node := document.find(pointer)) and node.pointer == pointer
    }
    assert found == {
        "": (1, 1, 1, 1),
        "/é": (1, 1, 1, 4),
        "/list": (2, 1, 3, 3),
        "/list/0": (3, 5, 3, 5),
        "/list/1": (4, 5, 4, 5),
        "/list/1/k~1~0": (4, 6, 4, 11),
        "/empty": (5, 1, 5, 7),
    }
    assert document.find("/list/7") is None
    assert document.find("/nothing/at/all") is None


@both_parsers
@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("a: 1\nb: 2\na: 3\n", (3, 1, "/a"), '"a" is written twice, on line 1 and here'),
        ("x: {a: 1, a: 2}\n", (1, 11, "/x/a"), "twice"),
        ("a: &x 1\nb: *x\n", (2, 4, "/b"), 'aliases are not allowed ("*x")'),
        ("a: &x [*x]\n", (1, 8, "/a/0"), "aliases"),
        ("*x : 1\n", (1, 1, ""), "aliases"),
        ("a:\n  <<: {b: 1}\n", (2, 3, "/a/<<"), "merge keys"),
        ("a: !!python/object/apply:os.system [ls]\n", (1, 4, "/a"), "tags are not allowed"),
        ("a: !!int 3\n", (1, 4, "/a"), '"!!int"'),
        ("a: !!str [1]\n", (1, 4, "/a"), "tags"),
        ("a: ! b\n", (1, 4, "/a"), "tags"),
        ("!secret a: 1\n", (1, 1, "/a"), "tags"),
        ("a: {{ name }}\n", (1, 5, "/a"), "a key must be a text"),
        ("? [a]\n: b\n", (1, 3, ""), "a key must be a text"),
        ("a: .inf\n", (1, 4, "/a"), "infinity"),
        ("a: -.INF\n", (1, 4, "/a"), "infinity"),
        ("a: .nan\n", (1, 4, "/a"), "not-a-number"),
        ("a: 1e999\n", (1, 4, "/a"), "too large"),
        ("a: " + "1" * 31 + "\n", (1, 4, "/a"), "31 digits"),
        ("a: " + "1" * 5000 + "\n", (1, 4, "/a"), "5,000 digits"),
        ("a: 0x" + "f" * 5000 + "\n", (1, 4, "/a"), "5,000 digits"),
        ("a: 1\n--- \nb: 2\n", (2, 1, ""), "second document"),
        ("%TAG !a! b\n---\na: 1\n", (1, 1, ""), "%TAG"),
        ("a: b\x07c\n", (1, 5, ""), "U+0007"),
        ("a: 1\nb: \u2028\n", (2, 4, ""), "U+2028"),
        ("a: \ufeffb\n", (1, 4, ""), "U+FEFF"),
        ("a: \x85b\n", (1, 4, ""), "U+0085"),
        ('a: "\\ud800"\n', None, "escape"),
        # Syntax:
        ("a:\n\tb: 1\n", (2, 1, "/a"), "a tab is used"),
        ("run: echo a: b\n", (1, 12, "/run"), 'second ": "'),
        ("a:b\nc: d\n", (2, 2, ""), 'no space after its ":"'),
        ("a:\n  b: 1\n c: 2\n", (3, 2, "/a"), "indentation"),
        ("run: 'abc\nb: 1\n", (1, 6, "/run"), "never closed"),
        ("a: [1, 2\nb: 1\n", (2, 2, "/a/1"), "opens on line 1"),
        ("a: {x: 1\nb: 1\n", (2, 2, "/a/x"), "{ mapping is not closed"),
        ("run: *.py\n", (1, 6, "/run"), "cannot begin with *"),
        ("run: @x\n", (1, 6, "/run"), "cannot begin with @"),
        ('run: "a" b\n', (1, 10, "/run"), "follows a complete value"),
        ("a: 1\nfoo\nb: 2\n", (2, 1, "/a"), "this line has no"),
        ("a: |x\n", (1, 5, "/a"), "| or >"),
        ("a: - b\n", (1, 4, "/a"), "list on a line of its own"),
        ('a: "\\d"\n', None, "two backslashes"),
        ('a: "\\xg"\n', None, "hexadecimal digits"),
        ("a: !h!x y\n", (1, 4, "/a"), "cannot begin with !"),
        ("a: ? b\n", (1, 4, "/a"), '"? " cannot stand here'),
        ('a: "\\Uffffffff"\n', None, ""),
        ("%YAML " + "9" * 5000 + ".1\n---\na: 1\n", None, ""),
        ("a: 1 # \x00\n", (1, 8, ""), "U+0000"),
    ],
    ids=lambda part: repr(part)[:40],
)
def test_what_is_refused(loader: object, text: str, place: tuple[int, int, str] | None, says: str) -> None:
    (problem,) = problems(text, loader)
    assert problem.severity == "error"
    assert says in problem.message
    if place:
        assert (problem.line, problem.column, problem.path) == place


@both_parsers
def test_one_mistake_does_not_hide_the_others(loader: object) -> None:
    text = "a: &x 1\na: *x\nb: .inf\nc: !!set {d}\n<<: {e: *x}\nf: [1, {g: 1, g: 2}]\nh: \x01\n? {}\n: *x\nlast: [ok]\n"
    document = read_yaml(text.encode(), loader)
    assert sorted(problem.line for problem in document.problems) == [2, 2, 3, 4, 5, 5, 6, 7, 8, 9]
    assert document.root is not None
    assert document.root.value["b"] is UNREADABLE
    assert document.root.value["last"] == ["ok"]
    assert list(document.root.value) == ["a", "b", "c", "f", "h", "last"]


def test_what_precedes_broken_syntax_is_reported_too() -> None:
    document = read_yaml(b"a: 1\na: 2\nb: [\n")
    assert [problem.line for problem in document.problems] == [2, 4]
    assert document.root is None


@pytest.mark.parametrize(
    ("content", "place", "says"),
    [
        (b"a: 1\nb: x\xffy\n", (2, 5), "0xff"),
        ("é\r\né: ".encode() + b"\xc3", (2, 4), "0xc3"),
        (b"\xef\xbb\xbfa: \xff", (1, 4), "0xff"),
        ("a: 1\n".encode("utf-16"), (1, 1), "UTF-16"),
        ("a: 1\n".encode("utf-16-le"), (1, 1), "UTF-16"),
        ("a: 1\n".encode("utf-16-be"), (1, 1), "UTF-16"),
        ("a: 1\n".encode("utf-32"), (1, 1), "UTF-16"),
        (b"#" * (MAX_BYTES + 1), (1, 1), "256 KiB"),
    ],
    ids=lambda part: repr(part)[:40],
)
def test_encodings_and_size(content: bytes, place: tuple[int, int], says: str) -> None:
    (problem,) = problems(content)
    assert (problem.line, problem.column) == place
    assert says in problem.message


def test_a_byte_order_mark_and_foreign_line_ends_do_not_move_places() -> None:
    assert places(b"\xef\xbb\xbfa: 1\r\nb: 2\rc: .inf\n") == [(3, 4, "/c")]


def test_nothing_in_the_file_is_nothing_read() -> None:
    assert read_yaml(b"").root is None
    assert read_yaml(b"# only a comment\n").root is None
    assert read("--- ~\n") is None


def test_the_limits_are_reached_and_not_passed() -> None:
    assert read("[" * 64 + "]" * 64)
    (problem,) = problems("[" * 65 + "]" * 65)
    assert "64 levels" in problem.message
    assert (problem.line, problem.column) == (1, 65)
    # Tens of thousands of nodes are one too many at exactly one place.
    assert len(read("[" + "a," * 49_999 + "]")) == 49_999  # type: ignore[arg-type]
    assert places("[" + "a," * 50_000 + "]") == [(1, 1 + 2 * 49_999 + 1, "/49999")]


def readable(text: str) -> bool:
    """Whether the text means the same to YAML 1.1, which the dumper thinks of, and to 1.2."""
    return not (text.startswith("0o") or text.lower().replace("e", "").replace("+", "").replace("-", "").isdigit())


texts = st.text(st.characters(codec="utf-8"), max_size=20).filter(readable)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**29), 10**29)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=20
)


class NoAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


@given(value=values, flow=st.booleans(), loader=st.sampled_from(LOADERS))
@example(value={"": "", "<<": "<<", "~": ["no", "null", "1.0"]}, flow=False, loader=yaml.SafeLoader)
@example(value=sys.float_info.max, flow=True, loader=yaml.SafeLoader)
def test_what_is_dumped_is_read_back(value: object, flow: bool, loader: object) -> None:
    dumped = yaml.dump(value, Dumper=NoAliases, allow_unicode=True, default_flow_style=flow, sort_keys=False)
    # The dumper writes these as they are although YAML 1.1 reads them as line breaks.
    assume(not any(character in dumped for character in "\x85\u2028\u2029"))
    result = read(dumped, loader)
    assert result == value
    assert repr(result) == repr(value)  # tells 1 from True and from 1.0


@given(content=st.binary(max_size=300) | st.text("ab:-[]{},&*!|>'\"#%@\n\t \\u0<\ufeff", max_size=80).map(str.encode))
def test_any_bytes_are_read_or_explained(content: bytes) -> None:
    for loader in LOADERS:
        document = read_yaml(content, loader)
        for problem in document.problems:
            assert problem.line >= 1
            assert problem.column >= 1
            assert problem.severity == "error"
            assert problem.message.isprintable()
            assert len(problem.message) < 300
        if document.root and not document.problems:
            assert not holds(document.root.value, lambda value: value is UNREADABLE or value in (math.inf, -math.inf))


def holds(value: object, condition: object) -> bool:
    if isinstance(value, dict):
        return any(holds(item, condition) for item in value.values())
    if isinstance(value, list):
        return any(holds(item, condition) for item in value)
    return bool(condition(value))  # type: ignore[operator]
