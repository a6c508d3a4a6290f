"""Where the vault's key lives: a credential of systemd, a file of its own, or (weakest) a variable.

Every key made here first gets a file named by its id, ``<key file>.<id>``, and then takes the place of the key file,
whose former content is kept under its own id. No step removes the only copy of a key, so that whatever is interrupted,
and whoever else uses the same key file, the key that a store names is found.
"""

import base64
import binascii
import errno
import fcntl
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pandium_tui.storage.vault.errors import VaultError
from pandium_tui.storage.vault.sealing import KEY_SIZE, Key

CREDENTIAL = "pandium-tui-key"
VARIABLE = "PANDIUM_TUI_KEY"
_SIZE_LIMIT = 4096


class _UnusableKeyError(Exception):
    """A key is there but must not or cannot be used; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class FoundKey:
    """A usable key.

    Attributes:
        source: where it was found, in words.
        renewable: whether it lies in our own file, where a new one can be written.
    """

    key: Key
    source: str
    renewable: bool


@dataclass(frozen=True, slots=True)
class Search:
    """What looking for a key gave.

    Attributes:
        others: usable keys that are not the wanted one.
        problems: keys that must not or cannot be used, and why.
    """

    found: FoundKey | None
    others: tuple[FoundKey, ...]
    problems: tuple[str, ...]


class KeySources:
    """The places where a key may be."""

    def __init__(self, key_file: Path, environment: Mapping[str, str]) -> None:
        self._key_file = key_file
        self._environment = environment

    @property
    def places(self) -> str:
        """Every place that is looked at, in words."""
        return f"the key file {self._key_file}, $CREDENTIALS_DIRECTORY/{CREDENTIAL} and the variable {VARIABLE}"

    def search(self, wanted: str | None) -> Search:
        """Look for the key with an id; for None, the strongest place that has a key decides, usable or not."""
        others: dict[str, FoundKey] = {}
        problems: dict[str, None] = {}
        for read in (self._credential, lambda: self._own_file(wanted), self._variable):
            for candidate in read():
                if isinstance(candidate, str):
                    problems[candidate] = None
                elif wanted in (None, candidate.key.id):
                    return Search(candidate, (), tuple(problems))
                else:
                    others.setdefault(candidate.key.id, candidate)
                if wanted is None:
                    return Search(None, (), tuple(problems))
        return Search(None, tuple(others.values()), tuple(problems))

    def create(self) -> FoundKey:
        """Make the first key.

        Raises:
            VaultError: the file cannot be written.
        """
        key = Key.new()
        self.keep(key)
        self.put_in_place(key.id)
        return FoundKey(key, f"key file {self._key_file}", renewable=True)

    def keep(self, key: Key) -> None:
        """Write a key under its id, complete and on the disk when this returns.

        Raises:
            VaultError: the file exists or cannot be written.
        """
        file = self._file_of(key.id)
        with _explained(file):
            self._key_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_WRONLY | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "wb") as opened:
                os.fchmod(handle, 0o600)
                opened.write(base64.b64encode(key.material) + b"\n")
                opened.flush()
                os.fsync(handle)
            _sync_folder(file.parent)

    def put_back(self, key: Key) -> FoundKey:
        """Write a key that was lost. A file under its id that could not be used is replaced.

        Raises:
            VaultError: the file cannot be written.
        """
        with _explained(self._file_of(key.id)):
            self._file_of(key.id).unlink(missing_ok=True)
        self.keep(key)
        self.put_in_place(key.id)
        found = self.search(key.id).found
        assert found is not None
        return found

    def put_in_place(self, key_id: str) -> None:
        """Make the key with this id the content of the key file; what was there is kept under its own id.

        A key file that cannot be used is left alone: the key is found under its id.

        Raises:
            VaultError: the files cannot be renamed.
        """
        if not self._file_of(key_id).exists():
            return
        with _explained(self._key_file), _locked_folder(self._key_file.parent):
            try:
                current = _key_in(self._key_file, owned=True)
            except _UnusableKeyError:
                return
            # Another process may have put it in place while we waited for the lock.
            if not self._file_of(key_id).exists():
                return
            if current is not None:
                self._key_file.replace(self._file_of(current.id))
            self._file_of(key_id).replace(self._key_file)
            _sync_folder(self._key_file.parent)

    def kept_files(self, current: str | None) -> tuple[str, ...]:
        """The files of other keys beside the key file."""
        named = re.compile(re.escape(self._key_file.name) + r"\.[0-9a-f]{8}")
        try:
            names = sorted(one.name for one in self._key_file.parent.iterdir() if named.fullmatch(one.name))
        except OSError:  # no folder, or one that cannot be listed: nothing is known to be kept
            return ()
        return tuple(str(self._key_file.with_name(name)) for name in names if not name.endswith(f".{current}"))

    def _file_of(self, key_id: str) -> Path:
        return self._key_file.with_name(f"{self._key_file.name}.{key_id}")

    def _credential(self) -> Iterator[FoundKey | str]:
        folder = self._environment.get("CREDENTIALS_DIRECTORY")
        if folder:
            # Its folder is the service's own; systemd decides about the owner of the file.
            yield from _found(Path(folder) / CREDENTIAL, "systemd credential", owned=False)

    def _own_file(self, wanted: str | None) -> Iterator[FoundKey | str]:
        yield from _found(self._key_file, "key file", owned=True)
        if wanted is not None:
            yield from _found(self._file_of(wanted), "key file", owned=True)
            # Another process may have moved it into place between the two looks.
            yield from _found(self._key_file, "key file", owned=True)

    def _variable(self) -> Iterator[FoundKey | str]:
        text = self._environment.get(VARIABLE)
        if text:
            try:
                source = f"variable {VARIABLE} (weakest: other programs of this user can read it)"
                yield FoundKey(_parsed(os.fsencode(text), f"The variable {VARIABLE}"), source, renewable=False)
            except _UnusableKeyError as error:
                yield str(error)


def _found(file: Path, kind: str, *, owned: bool) -> Iterator[FoundKey | str]:
    try:
        key = _key_in(file, owned=owned)
    except _UnusableKeyError as error:
        yield str(error)
    else:
        if key is not None:
            yield FoundKey(key, f"{kind} {file}", renewable=owned)


def _key_in(file: Path, *, owned: bool) -> Key | None:
    """The key in a file, None when there is no such file."""
    try:
        # Without O_NONBLOCK, a named pipe in its place would stop us here.
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _UnusableKeyError(
                f"The key file {file} is a symbolic link, which is not followed: put the key itself there."
            ) from None
        raise _UnusableKeyError(f"The key file {file} cannot be read: {error.strerror}.") from None
    try:
        _check(file, os.fstat(handle), owned=owned)
        return _parsed(os.read(handle, _SIZE_LIMIT), f"The key file {file}")
    finally:
        os.close(handle)


def _check(file: Path, facts: os.stat_result, *, owned: bool) -> None:
    """Refuse a key that others can read or exchange, as ssh does."""
    if not stat.S_ISREG(facts.st_mode):
        raise _UnusableKeyError(f"The key file {file} is not a regular file.")
    if owned and facts.st_uid != os.geteuid():
        raise _UnusableKeyError(f"The key file {file} belongs to another user (id {facts.st_uid}): chown it.")
    if facts.st_mode & (0o077 if owned else 0o007):
        raise _UnusableKeyError(
            f"The key file {file} is open to others (mode {stat.S_IMODE(facts.st_mode):04o}): chmod 600 it, "
            "and rotate the key if others may have read it."
        )


def _parsed(text: bytes, place: str) -> Key:
    try:
        material = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        material = b""
    if len(material) != KEY_SIZE:
        raise _UnusableKeyError(f"{place} holds no key: a key is {KEY_SIZE} bytes in Base64, on one line.")
    return Key(material)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _locked_folder(folder: Path) -> Iterator[None]:
    """Let nobody else rename keys meanwhile; the kernel lets go of the lock when the holder dies."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def _explained(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise VaultError(
            f"The key file {file} cannot be written: {error.strerror}. Check that its folder exists and is yours, "
            "or name another with key_file in config.toml."
        ) from None
