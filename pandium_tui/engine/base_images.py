"""From the ``base`` of a manifest to the image a container is built on."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from pandium_tui.manifest.base import BaseError, parse_base

# Language: the image, and the version that stands for none. They have bash and the language's usual tools.
_IMAGES = {
    "python": ("docker.io/library/python:{version}", "3"),
    "node": ("docker.io/library/node:{version}", "lts"),
    "java": ("docker.io/library/maven:3-eclipse-temurin-{version}", "21"),
    "kotlin": ("docker.io/library/gradle:8-jdk21", ""),
    "dotnet": ("mcr.microsoft.com/dotnet/sdk:{version}", "8.0"),
    "php": ("docker.io/library/composer:2", ""),
    "ruby": ("docker.io/library/ruby:{version}", "3"),
    "go": ("docker.io/library/golang:{version}", "1"),
    "rust": ("docker.io/library/rust:{version}", "1"),
    "clojure": ("docker.io/library/clojure:temurin-21-tools-deps", ""),
}
# The composer image has the newest PHP only.
_VERSIONED_IMAGES = {"php": "docker.io/library/php:{version}-cli"}

_IMAGE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,254}")
_PLACEHOLDER = "{version}"


class BaseImageError(Exception):
    """The base has no image that can be used; the message says where to name one."""


def base_image(language: str, version: str | None, file: Path) -> str:
    """The image for a language, by the person's own table in ``file`` (TOML, may be missing), else by ours.

    The table's keys are bases as manifests write them; one with the version goes before one without. Its values are
    names of images; ``{version}`` in them is the version asked for.

    Raises:
        BaseImageError: the file cannot be used, or an image needs a version and none is asked for.
    """
    own = _own_images(file)
    image = own.get((language, version)) or own.get((language, None))
    if image is None:
        image, usual = _IMAGES[language]
        image = _VERSIONED_IMAGES.get(language, image) if version else image
        version = version or usual
    if _PLACEHOLDER in image and not version:
        raise BaseImageError(f"{file}: the image of {language} needs a version and the base names none")
    return image.replace(_PLACEHOLDER, _tag(version or ""))


def _tag(version: str) -> str:
    return version.replace("+", "-")  # allowed in a version, not in a tag


def _own_images(file: Path) -> dict[tuple[str, str | None], str]:
    try:
        table: Mapping[str, object] = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise BaseImageError(f"{file}: cannot be read as TOML: {error}") from error
    return dict(_own_image(file, key, value) for key, value in table.items())


def _own_image(file: Path, key: str, value: object) -> tuple[tuple[str, str | None], str]:
    try:
        base = parse_base(key)
    except BaseError as error:
        raise BaseImageError(f"{file}: {error}") from error
    if not isinstance(value, str) or not _IMAGE_NAME.fullmatch(value.replace(_PLACEHOLDER, "1")):
        raise BaseImageError(f"{file}: {key}: must be the name of an image, such as python:{_PLACEHOLDER}")
    return (base.language, base.version), value
