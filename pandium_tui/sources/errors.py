"""What can go wrong with a repository, told in sentences a person can act on."""

import re
from typing import Literal

from pandium_tui.text import visible

Kind = Literal["url", "credentials", "branch", "path", "commit", "network", "timeout", "disk", "git"]

_USERINFO = re.compile(r"://[^/\s'\"]*@")


class SourceError(Exception):
    """A repository that cannot be used; ``str()`` says what happened, where, and what to do. Never a credential.

    Attributes:
        kind: what was wrong: the ``url`` itself, the ``credentials``, the ``branch``, the ``path`` or the ``commit``
            asked for, the ``network``, a ``timeout``, the local ``disk``, or something else in ``git``.
    """

    def __init__(self, kind: Kind, message: str) -> None:
        """Make an error of this kind; user names and passwords inside URLs are taken out of the message."""
        super().__init__(without_credentials(message))
        self.kind: Kind = kind


class FetchCancelledError(Exception):
    """The caller's ``cancelled`` said yes; nothing half-done is left behind."""


class GitFailedError(Exception):
    """Git ended with an error; ``str()`` is what it printed to stderr, not yet fit for people."""


class GitSilentError(Exception):
    """Git printed nothing for so long that it was killed; ``str()`` says for how long."""


def without_credentials(text: str) -> str:
    """The text with the user names and passwords inside its URLs taken out."""
    return _USERINFO.sub("://", text)


# The first row that matches git's stderr (LC_ALL=C) explains it: causes stand before their consequences.
_EXPLANATIONS: tuple[tuple[str, Kind, str], ...] = (
    (
        r"No space left on device|Disk quota exceeded|unable to write file",
        "disk",
        "The disk is full, or fails, while the files of {url} are written ({said}). Free some space and try again.",
    ),
    (
        r"Read-only file system|unable to create (temporary )?(file|directory).*Permission denied|cannot mkdir",
        "disk",
        "The copy of {url} cannot be written: {said}. Make the home folder writable.",
    ),
    (
        r"\[rejected\]|non-fast-forward|fetch first",
        "branch",
        "The branch in {url} has moved meanwhile ({said}). Nothing was pushed; try again.",
    ),
    (
        r"\[remote rejected\]|hook declined|protected branch|GH006|pre-receive",
        "branch",
        "{url} does not take the push ({said}). If the branch is protected, push to another one and merge it there.",
    ),
    (
        r"invalid path",
        "commit",
        "The commit in {url} holds a file name that is not safe to write ({said}). Build another commit.",
    ),
    (
        r"corruption on the remote side",
        "git",
        "The repository at {url} is damaged on its own side ({said}). Whoever keeps it must repair it (git fsck).",
    ),
    (
        r"transport '.*' not allowed|not supported or disabled in libcurl",
        "url",
        "{url} leads to a way of transport that is not allowed ({said}). Use https, http, ssh, git or a local path.",
    ),
    (
        r"detected dubious ownership",
        "url",
        "{url} belongs to another user of this machine, so git does not read it. If you trust it, run: "
        "git config --global --add safe.directory {path}",
    ),
    (
        r"[Hh]ost key verification failed",
        "network",
        "The ssh host key of {url} is not known on this machine or has changed. Connect once with ssh as this user, "
        "check the key, and try again.",
    ),
    (
        r"Authentication failed|could not read (Username|Password)|terminal prompts disabled|error: 401|error: 403"
        r"|Permission denied \(|Access denied|Too many authentication failures",
        "credentials",
        "{url} wants credentials and got none or wrong ones ({said}). Check the token or key of its source control "
        "account, or without one what git on this machine has; a private repository that does not exist looks the "
        "same.",
    ),
    (
        r"timed out|Operation too slow|Timeout",
        "timeout",
        "{url} did not answer in time ({said}). Check the address and the network, and try again.",
    ),
    (
        r"[Cc]ould not resolve (host|hostname|proxy)|unable to look up",
        "network",
        "The host of {url} cannot be found ({said}). Check how it is spelled, and that this machine has a network.",
    ),
    (
        r"SSL|TLS|certificate",
        "network",
        "No safe connection to {url} ({said}). If a proxy here brings its own certificate authority, set "
        "GIT_SSL_CAINFO to its file.",
    ),
    (
        r"does not appear to be a git repository|[Rr]epository .*not found|Repository not found|error: 404|error: 410"
        r"|is this a git repository|invalid gitfile|does not exist|No such file or directory|invalid server response"
        r"|bad line length",
        "url",
        "There is no git repository at {url} ({said}). Check how the address is spelled; a private repository can "
        "look like this when the credentials are missing.",
    ),
    (
        r"Connection refused|Network is unreachable|No route to host|Could not connect|Couldn't connect"
        r"|[Ff]ailed to connect|[Uu]nable to connect|[Cc]onnection (was )?reset|Connection closed|Empty reply"
        r"|error: [45]\d\d|unexpected disconnect|early EOF|hung up|RPC failed|unable to access",
        "network",
        "{url} does not answer as it should ({said}). Check the address, the port and the network, and try again.",
    ),
)


def explained(stderr: str, url: str) -> SourceError:
    """The error that git's own words mean, for a person who gave this URL."""
    said = _gist(stderr)
    shown = without_credentials(url)
    for pattern, kind, sentence in _EXPLANATIONS:
        if re.search(pattern, stderr):
            return SourceError(kind, sentence.format(url=shown, said=said, path=_foreign_folder(stderr) or shown))
    return SourceError("git", f"git failed on {shown}: {said}.")


def _gist(stderr: str) -> str:
    """The line of git's words that says most, without git's prefixes."""
    lines = [line.strip() for line in re.split(r"[\r\n]+", stderr) if line.strip()]
    telling = [line for line in lines if re.match(r"(fatal|error|ERROR|ssh|remote: (fatal|error|ERROR)):? |! \[", line)]
    generic = re.compile(r"fatal: (Could not read from remote repository|the remote end hung up)")
    line = next((line for line in telling if not generic.match(line)), None)
    line = line or next((line for line in lines if not generic.match(line)), "no message")
    prefixes = r"^(remote: )?(fatal|error|ERROR): (unable to access '[^']*': )?"
    return visible(re.sub(prefixes, "", line).rstrip(". "))[:300]


def _foreign_folder(stderr: str) -> str | None:
    found = re.search(r"safe\.directory (\S+)", stderr)
    return visible(found[1]) if found else None
