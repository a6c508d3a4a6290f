"""How git proves who it is to a host: a token over https, or an ssh key.

A token lies in an anonymous file in memory that git and its children inherit. Git asks our own credential helper
(``credential_helper``), which reads it from there and answers for one host only. So the token is in no URL, argument,
variable or file, and no other helper of this machine is asked, or told to keep it.
"""

import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from pandium_tui.sources.errors import SourceError, without_credentials
from pandium_tui.storage.vault import Secret

_HELPER = Path(__file__).with_name("credential_helper.py")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an account gives to git; with neither token nor key file, what the machine's git has is used.

    Attributes:
        username: goes with the token.
        key_file: path of a private ssh key.
    """

    username: str = ""
    token: Secret | None = field(default=None, repr=False)
    key_file: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a git process is started with: further ``-c`` values, its ssh command, descriptors it inherits."""

    configuration: tuple[str, ...] = ()
    ssh: str | None = None
    descriptors: tuple[int, ...] = ()


@contextmanager
def offered(credentials: Credentials | None, url: str) -> Iterator[Offer]:
    """Have the credentials ready for git processes that talk to the host of this URL, while the block runs.

    Raises:
        SourceError: kind ``credentials``; they cannot be used with this URL.
    """
    if credentials is None:
        yield Offer()
        return
    if problem := mismatch(credentials.token is not None, bool(credentials.key_file), url):
        raise SourceError("credentials", problem)
    if credentials.key_file:
        yield Offer(ssh=_ssh_command(Path(credentials.key_file).expanduser()))
    elif credentials.token is not None:
        with _in_memory(credentials.token) as descriptor:
            yield Offer(_helper_only(descriptor, credentials.username, url), descriptors=(descriptor,))
    else:
        yield Offer()


def mismatch(has_token: bool, has_key: bool, url: str) -> str | None:
    """Why credentials of this kind cannot be used with a URL, None when they can."""
    parts = urlsplit(url) if "://" in url else None
    scheme = parts.scheme if parts else ""
    shown = without_credentials(url)
    if has_token and scheme != "https" and not (scheme == "http" and parts and parts.hostname in _LOOPBACK):
        return f"A token is sent over https only, and {shown} does not begin with https://. Change one of them."
    if has_key and scheme != "ssh" and (scheme or url.startswith(("/", "~"))):
        return f"An ssh key goes with ssh://… or git@host:path, not with {shown}. Change one of them."
    return None


def _ssh_command(key: Path) -> str:
    if not os.access(key, os.R_OK) or not key.is_file():
        raise SourceError("credentials", f"The ssh key {key} is not there or cannot be read. Correct the account.")
    return f"ssh -i {shlex.quote(str(key))} -o IdentitiesOnly=yes"


@contextmanager
def _in_memory(token: Secret) -> Iterator[int]:
    descriptor = os.memfd_create("pandium-tui", os.MFD_CLOEXEC)
    try:
        os.write(descriptor, token.encoded())
        yield descriptor
    finally:
        os.close(descriptor)


def _helper_only(descriptor: int, username: str, url: str) -> tuple[str, ...]:
    """Configuration that makes ours the only helper: the empty value drops those of the machine (gitcredentials(7))."""
    parts = urlsplit(url)
    place = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    words = (sys.executable, "-I", "-S", str(_HELPER), str(descriptor), place, username)
    return "credential.helper=", "credential.helper=!" + " ".join(shlex.quote(word) for word in words)
