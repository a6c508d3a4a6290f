"""Taking secrets out of a stream of bytes, across any split of it. Standard library only: the supervisor does it."""

import sys
from collections.abc import Iterable

MASK = b"[redacted]"

# The buffer is cut into blocks of this many bytes, without gaps. Wherever a needle of at least twice as many less one
# lies in it, one block lies wholly within the needle's beginning: eight known blocks for each needle, looked up by
# value, tell which needles have to be searched for. It makes hundreds of needles as cheap as a few.
_BLOCK = 8
_BEGINNING = 2 * _BLOCK - 1


class Redactor:
    """Masks needles in a stream. Whatever the chunks, no needle gets through, and no more is held back than may be one.

    Args:
        needles: what to mask.
    """

    def __init__(self, needles: Iterable[bytes]) -> None:
        self._needles = sorted(set(needles))
        self._always = [needle for needle in self._needles if len(needle) < _BEGINNING]
        self._by_block: dict[int, list[bytes]] = {}
        for needle in self._needles:
            if len(needle) >= _BEGINNING:
                for start in range(_BLOCK):
                    block = int.from_bytes(needle[start : start + _BLOCK], sys.byteorder)
                    self._by_block.setdefault(block, []).append(needle)
        self._longest = max(map(len, self._needles), default=1)
        self._held = b""
        self._masked = 0  # how many of the held bytes are already under a mask that was given out
        self.found = False
        """Whether anything was masked so far."""

    def feed(self, data: bytes) -> bytes:
        """The next part of the stream, redacted; what might be the beginning of a needle comes later."""
        buffer = self._held + data
        return self._redact(buffer, len(buffer) - self._possible_beginning(buffer))

    def flush(self) -> bytes:
        """The rest, when the stream has ended."""
        return self._redact(self._held, len(self._held))

    def _redact(self, buffer: bytes, cut: int) -> bytes:
        """Give out the buffer up to the cut, masked, and hold back the rest."""
        output: list[bytes] = []
        at, masked = 0, 0
        for start, end in self._spans(buffer):
            goes_on = start == 0 and self._masked > 0
            if start >= cut and not goes_on:
                break
            if not goes_on:
                output += (buffer[at:start], MASK)
            at = end
            masked = max(end - cut, 0)
        if at < cut:
            output.append(buffer[at:cut])
        self._held, self._masked = buffer[cut:], masked
        return b"".join(output)

    def _spans(self, buffer: bytes) -> list[tuple[int, int]]:
        """Where needles are, overlapping ones as one."""
        spans = [(0, self._masked)] if self._masked else []
        for needle in (*self._always, *self._candidates(buffer)):
            start = buffer.find(needle)
            while start >= 0:
                spans.append((start, start + len(needle)))
                start = buffer.find(needle, start + 1)
        if len(spans) > (self._masked > 0):
            self.found = True
        return _merged(spans)

    def _candidates(self, buffer: bytes) -> set[bytes]:
        """The long needles that may be in the buffer."""
        blocks = memoryview(buffer)[: len(buffer) // _BLOCK * _BLOCK].cast("Q")
        known = self._by_block
        if known.keys().isdisjoint(blocks):
            return set()
        return {needle for block in blocks if block in known for needle in known[block]}

    def _possible_beginning(self, buffer: bytes) -> int:
        """The length of the longest end of the buffer that a needle begins with."""
        longest = 0
        tail = buffer[-(self._longest - 1) :] if self._longest > 1 else b""
        for needle in self._needles:
            start = tail.find(needle[:1], max(len(tail) - len(needle) + 1, 0))
            while 0 <= start < len(tail) - longest:
                if needle.startswith(tail[start:]):
                    longest = len(tail) - start
                    break
                start = tail.find(needle[:1], start + 1)
        return longest


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged
