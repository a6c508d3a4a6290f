"""From the base of a manifest to an image."""

from pathlib import Path

import pytest

from pandium_tui.engine.base_images import BaseImageError, base_image
from pandium_tui.manifest.base import LANGUAGES, parse_base


def image(text: str, file: Path) -> str:
    base = parse_base(text)
    return base_image(base.language, base.version, file)


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("python:3.7", "docker.io/library/python:3.7"),
        ("Node", "docker.io/library/node:lts"),
        ("node:20.9.0", "docker.io/library/node:20.9.0"),
        ("Java:11", "docker.io/library/maven:3-eclipse-temurin-11"),
        (".NET:5.0", "mcr.microsoft.com/dotnet/sdk:5.0"),
        ("golang", "docker.io/library/golang:1"),
        ("closure", "docker.io/library/clojure:temurin-21-tools-deps"),
    ],
)
def test_bases_as_integrations_write_them_lead_to_an_image(tmp_path: Path, base: str, expected: str) -> None:
    assert image(base, tmp_path / "none.toml") == expected


def test_every_language_has_an_image(tmp_path: Path) -> None:
    for language in LANGUAGES:
        assert "{" not in base_image(language, None, tmp_path / "none.toml")


def test_a_table_of_ones_own_goes_first_and_a_version_before_none(tmp_path: Path) -> None:
    file = tmp_path / "base_images.toml"
    file.write_text('Python = "mine/python:{version}"\n"python:3.7" = "mine/old"\n')
    assert image("python:3.12", file) == "mine/python:3.12"
    assert image("Python:3.7", file) == "mine/old"
    assert image("ruby", file) == "docker.io/library/ruby:3"
    with pytest.raises(BaseImageError, match="needs a version"):
        image("python", file)


@pytest.mark.parametrize(
    "text", ["python = 3", 'python = "--privileged"', 'python = "a\\nUSER root"', 'basic = "a"', "="]
)
def test_a_table_that_cannot_be_used_is_told_with_its_place(tmp_path: Path, text: str) -> None:
    file = tmp_path / "base_images.toml"
    file.write_text(text)
    with pytest.raises(BaseImageError, match=r"base_images\.toml"):
        image("python:3", file)
