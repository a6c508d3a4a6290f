import pytest

from pandium_tui.manifest.base import LANGUAGES, Base, BaseError, parse_base


@pytest.mark.parametrize(
    ("text", "language", "version"),
    [
        ("Node", "node", None),
        ("node:20.9.0", "node", "20.9.0"),
        ("NodeJS:22", "node", "22"),
        ("python:3.7", "python", "3.7"),
        ("python:3.14", "python", "3.14"),
        ("Java:11", "java", "11"),
        (".NET:5.0", "dotnet", "5.0"),
        ("dotnet:8.0", "dotnet", "8.0"),
        ("php:8.3", "php", "8.3"),
        ("ruby:2.6", "ruby", "2.6"),
        ("go", "go", None),
        ("golang:1.26", "go", "1.26"),
        ("kotlin:2.4.10", "kotlin", "2.4.10"),
        ("rust", "rust", None),
        ("clojure:1.12", "clojure", "1.12"),
        ("closure", "clojure", None),
        (" Python : 3.11 ", "python", "3.11"),
        ("python:", "python", None),
        ("python:3.11-slim", "python", "3.11-slim"),
    ],
)
def test_every_spelling(text: str, language: str, version: str | None) -> None:
    assert parse_base(text) == Base(language, version, text.strip())
    assert language in LANGUAGES


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("pyhton:3.11", 'the language "pyhton" is not known; did you mean python?'),
        ("Gollang", "did you mean go?"),
        ("cobol:85", "write one of python, node, java, dotnet, php, ruby, go, kotlin, rust, clojure"),
        ("", "write one of"),
        ("x" * 100_000, "write one of"),
        ("\x1b[31m", "␛[31m"),
        ("python:latest", 'the version "latest" is none; write it like python:1.2'),
        ("python:../../bin/x", "is none"),
        ("python:3/../x", "is none"),
        ("python:3 11", "is none"),
        ("python:٣", "is none"),
        ("python:3\n", None),
    ],
    ids=lambda part: repr(part)[:40],
)
def test_what_is_no_base(text: str, says: str | None) -> None:
    if says is None:
        assert parse_base(text).version == "3"
        return
    with pytest.raises(BaseError) as caught:
        parse_base(text)
    assert says in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 200
