"""What an image file is, read from its first bytes: never from its name."""

import os
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

Format = Literal["PNG", "JPEG", "GIF", "WebP"]

SUFFIXES: dict[Format, str] = {"PNG": ".png", "JPEG": ".jpg", "GIF": ".gif", "WebP": ".webp"}

ACCEPTED = "PNG, JPEG, GIF or WebP"

_PNG = b"\x89PNG\r\n\x1a\n"
# Start-of-frame markers of JPEG (ITU T.81, table B.1): they carry the size. C4, C8 and CC are other things.
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_MAX_SEGMENTS = 1000


@dataclass(frozen=True, slots=True)
class Image:
    """An image: bytes it takes, pixels it has."""

    format: Format
    size: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What is accepted: at most so many bytes, so many pixels a side."""

    size: int
    width: tuple[int, int]
    height: tuple[int, int]


class ImageError(Exception):
    """A file cannot be used as an image; the text says why and what to do."""


def image_in(file: Path, limits: ImageLimits) -> Image:
    """What the image in a file is.

    Raises:
        ImageError: it cannot be read, is no image of an accepted type, or breaks a limit.
    """
    with opened_image(file, limits) as (image, _):
        return image


@contextmanager
def opened_image(file: Path, limits: ImageLimits) -> Iterator[tuple[Image, BinaryIO]]:
    """The image in a file with the opened file at its start, so that what was checked is what is read.

    Raises:
        ImageError: as in :func:`image_in`.
    """
    try:
        opened = open(file, "rb", opener=_without_waiting)  # noqa: SIM115 - the block below closes it
    except (OSError, ValueError) as error:
        raise ImageError(f"{file} cannot be read: {getattr(error, 'strerror', error)}") from error
    with opened as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise ImageError(f"{file} is not a file")
        if status.st_size > limits.size:
            raise ImageError(f"{file} has {status.st_size:,} bytes; at most {limits.size:,} are accepted")
        try:
            image = _image(stream, status.st_size)
        except ImageError as error:
            raise ImageError(f"{file} {error}") from error
        except OSError as error:
            raise ImageError(f"{file} cannot be read: {error.strerror}") from error
        _check_pixels(file, image, limits)
        stream.seek(0)
        yield image, stream


def _without_waiting(file: str, flags: int) -> int:
    """Opening a pipe would wait for its writer."""
    return os.open(file, flags | os.O_NONBLOCK)


def _check_pixels(file: Path, image: Image, limits: ImageLimits) -> None:
    (narrowest, widest), (lowest, highest) = limits.width, limits.height
    if not (narrowest <= image.width <= widest and lowest <= image.height <= highest):
        raise ImageError(
            f"{file} has {image.width}x{image.height} pixels; {narrowest}x{lowest} to {widest}x{highest} are accepted"
        )


def _image(stream: BinaryIO, size: int) -> Image:
    head = stream.read(64)
    if head.startswith(_PNG):
        if len(head) < 24 or head[12:16] != b"IHDR":
            raise ImageError("is a damaged PNG")
        return _sized("PNG", size, *struct.unpack(">II", head[16:24]))
    if head.startswith((b"GIF87a", b"GIF89a")):
        if len(head) < 10:
            raise ImageError("is a damaged GIF")
        return _sized("GIF", size, *struct.unpack("<HH", head[6:10]))
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return _sized("WebP", size, *_webp_pixels(head))
    if head.startswith(b"\xff\xd8\xff"):
        return _sized("JPEG", size, *_jpeg_pixels(stream))
    if _looks_like_svg(head):
        raise ImageError("is an SVG, which can carry scripts; export it as PNG")
    raise ImageError(f"is no {ACCEPTED} image")


def _sized(kind: Format, size: int, width: int, height: int) -> Image:
    if not width or not height:
        raise ImageError(f"is a damaged {kind}")
    return Image(kind, size, width, height)


def _webp_pixels(head: bytes) -> tuple[int, int]:
    """Of a lossy, lossless or extended file (RFC 9649, sections 2.5 to 2.7)."""
    if len(head) >= 30:
        match head[12:16]:
            case b"VP8 " if head[23:26] == b"\x9d\x01\x2a":
                width, height = struct.unpack("<HH", head[26:30])
                return width & 0x3FFF, height & 0x3FFF
            case b"VP8L" if head[20] == 0x2F:
                bits = int.from_bytes(head[21:25], "little")
                return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
            case b"VP8X":
                return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    raise ImageError("is a damaged WebP")


def _jpeg_pixels(stream: BinaryIO) -> tuple[int, int]:
    """Walk from segment to segment to the start of the frame."""
    stream.seek(2)
    for _ in range(_MAX_SEGMENTS):
        marker = stream.read(2)
        while len(marker) == 2 and marker == b"\xff\xff":  # fill bytes may stand before a marker
            marker = b"\xff" + stream.read(1)
        length = stream.read(2)
        if len(marker) < 2 or marker[0] != 0xFF or len(length) < 2 or (bytes_to_skip := _length(length)) < 0:
            break
        if marker[1] in _FRAME_MARKERS:
            frame = stream.read(5)
            if len(frame) < 5:
                break
            height, width = struct.unpack(">HH", frame[1:5])
            return width, height
        stream.seek(bytes_to_skip, os.SEEK_CUR)
    raise ImageError("is a damaged JPEG")


def _length(field: bytes) -> int:
    """Bytes of a segment after its length field, which counts itself."""
    return int.from_bytes(field, "big") - 2


def _looks_like_svg(head: bytes) -> bool:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return text.startswith((b"<svg", b"<?xml", b"<!doctype svg"))
