"""Where code comes from: which repository URLs and branch names are accepted."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from pandium_tui.sources.errors import SourceError

_SCHEMES = ("https", "http", "ssh", "git", "file")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_REMOTE_HELPER = re.compile(r"[A-Za-z0-9+.-]*::")
# git@host:path, as ssh takes it; the host may be a bracketed IPv6 address.
_SCP_LIKE = re.compile(r"(?:[\w][\w.+-]*@)?(?:[A-Za-z0-9][\w.-]*|\[[0-9A-Fa-f:.]+\]):(?![-:])(?!//)\S+")
# GitHub, GitLab, Bitbucket tokens by their prefix, older and other ones by their length.
_TOKEN = re.compile(r"gh[a-z]_|github_pat_|glpat-|ATBB|ATCTT|[\w-]{32,}$")

_ACCEPTED = "Use https://host/path, ssh://git@host/path, git@host:path, file:///path or an absolute path."
_NO_CREDENTIALS = (
    "The repository URL carries a password or token. Leave it out, so that it is not stored: a source control account "
    "keeps a token sealed, and git on this machine finds credentials through its own helpers or ssh keys."
)


def checked_repository_url(text: str) -> str:
    """The URL or absolute path as git will get it, once it is safe to hand to git.

    Accepted are https, http, ssh, git and file URLs, ``git@host:path`` and absolute local paths (``~`` is resolved).
    Refused is what could start another program (``ext::`` and every other remote helper), pass as an option, or
    carry a secret. Whether anything answers there is found out by fetching.

    Raises:
        SourceError: kind ``url``.
    """
    if not text:
        raise _refused(f"The repository URL is empty. {_ACCEPTED}")
    if _CONTROL.search(text) or text != text.strip():
        raise _refused(f"The repository URL contains control characters, or begins or ends with blanks. {_ACCEPTED}")
    if text.startswith("-"):
        raise _refused(f"A repository URL cannot begin with '-'. {_ACCEPTED}")
    if _REMOTE_HELPER.match(text):
        raise _refused(f"Remote helpers ('{text.split('::')[0]}::') are not allowed as repository URLs. {_ACCEPTED}")
    if text.startswith(("/", "~")):
        return _local_path(text)
    if any(character.isspace() for character in text):
        raise _refused(f"The repository URL contains blanks. {_ACCEPTED}")
    if "://" in text:
        return _url(text)
    if _SCP_LIKE.fullmatch(text):
        return text
    raise _refused(f"{_quoted(text)} is not a repository URL or an absolute path. {_ACCEPTED}")


def is_local(url: str) -> bool:
    """Whether a checked repository URL means a folder of this machine."""
    return url.startswith(("/", "~", "file://"))


def checked_branch(text: str) -> str:
    """The branch name, if git would accept it.

    The rules are those of ``git check-ref-format --branch``, without its ``@{-1}`` short forms.

    Raises:
        SourceError: kind ``branch``.
    """
    problem = _branch_problem(text)
    if problem:
        raise SourceError("branch", f"{text[:200]!r} is not a branch name: {problem}.")
    return text


def _branch_problem(text: str) -> str | None:
    forbidden = re.search(r"[\x00-\x20\x7f~^:?*\[\\\ud800-\udfff]", text)
    parts = text.split("/")
    if not text:
        return "it is empty"
    if forbidden:
        return f"it contains {forbidden.group()!r}"
    if text.startswith("-"):
        return "it begins with '-'"
    if "" in parts:
        return "it begins or ends with '/', or has two of them together"
    if any(part.startswith(".") or part.endswith(".lock") for part in parts):
        return "a part of it begins with '.' or ends with '.lock'"
    if ".." in text or "@{" in text or text.endswith("."):
        return "it contains '..' or '@{', or ends with '.'"
    if text == "HEAD":
        return "git uses it for something else"
    return None


def _local_path(text: str) -> str:
    try:
        path = Path(text).expanduser()
    except RuntimeError as error:
        raise _refused(f"{_quoted(text)} names a user who has no home folder here. {_ACCEPTED}") from error
    if not path.is_absolute():
        raise _refused(f"{_quoted(text)} is not an absolute path. {_ACCEPTED}")
    return str(path)


def _url(text: str) -> str:
    scheme, rest = text.split("://", 1)
    scheme = scheme.lower()
    if scheme not in _SCHEMES:
        raise _refused(f"{_quoted(scheme + '://')} URLs are not supported. {_ACCEPTED}")
    try:
        parts = urlsplit(f"{scheme}://{rest}")
        host, user, password = parts.hostname, parts.username, parts.password
        _ = parts.port
    except ValueError as error:
        # The reason would quote the part that may hold a password.
        raise _refused(f"The host or port of the repository URL cannot be read. {_ACCEPTED}") from error
    if password is not None or (user and _TOKEN.match(user)):
        raise _refused(_NO_CREDENTIALS)
    if parts.query or parts.fragment:
        raise _refused("A repository URL cannot have a part after '?' or '#'. Leave it out.")
    if scheme == "file":
        if host not in (None, "localhost") or not parts.path.strip("/"):
            raise _refused("A file URL needs an absolute path of this machine: file:///path/to/repository.")
    elif not host or host.startswith("-") or (user or "").startswith("-"):
        raise _refused(f"The repository URL has no usable host. {_ACCEPTED}")
    elif not parts.path.strip("/"):
        raise _refused(f"{_quoted(f'{scheme}://{host}')} names a host but no repository. {_ACCEPTED}")
    return f"{scheme}://{rest}"


def _refused(message: str) -> SourceError:
    return SourceError("url", message)


def _quoted(text: str) -> str:
    # What is not a URL yet may hold a password in any place before its last @.
    return repr(re.sub(r".*@", "", text)[:200])
