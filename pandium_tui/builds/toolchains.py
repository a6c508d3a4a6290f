"""Finds the interpreter or compiler of a language on this machine, in the version asked for or the nearest."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pandium_tui.builds.languages import LANGUAGES, Language, folders_of

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Programs that stand for the real ones and choose by the folder, the home or a variable of the caller.
_SHIM_PROGRAMS = frozenset({"asdf", "mise", "pyenv", "rbenv", "rustup", "volta", "volta-shim"})
_PROBE_SECONDS = 5
_OLDEST_PYTHON = (3, 4)
_NUMBERS = re.compile(r"v?(\d+(?:[._]\d+)*)")


class ToolchainMissingError(Exception):
    """A language that builds here cannot use; the message names what to install."""


@dataclass(frozen=True)
class Toolchain:
    """An interpreter or compiler that works on this machine.

    Attributes:
        language: its key in ``LANGUAGES``.
        asked: the version that was asked for.
        version: the version it says it is.
        executable: its main program.
        path_entries: the folders to put on PATH for it.
        warning: one sentence when it is not what was asked for.
    """

    language: str
    asked: str | None
    version: str
    executable: Path
    path_entries: tuple[Path, ...]
    warning: str | None


@dataclass(frozen=True)
class _Candidate:
    version: str
    executable: Path
    on_path: bool

    @property
    def numbers(self) -> tuple[int, ...]:
        return _numbers(self.version)

    @property
    def stable(self) -> bool:
        return not re.search(r"\d(a|b|rc|alpha|beta)\d|-(alpha|beta|rc|ea|dev|nightly|preview|pre)", self.version)

    @property
    def rank(self) -> tuple[bool, tuple[int, ...]]:
        return self.stable, self.numbers


def find_toolchain(language: str, version: str | None, *, search: Mapping[str, str] | None = None) -> Toolchain:
    """The best toolchain for a language and, optionally, a version such as ``3.7``, ``20.9.0`` or ``3.11-slim``.

    The version fits when all its components agree: ``3.7`` is any 3.7.x, the newest patch wins. When none fits the
    nearest is taken, with a warning: the more leading components agree the better; among those the smallest higher
    version, else the largest lower one. Pre-releases are taken only when nothing else is left. Without a version it
    is the newest Python, and for other languages the first one on PATH, else the newest.

    Version managers' shims are never used, because what they start depends on the caller's folder and home; their
    versions folders are looked into instead. A program counts only when it starts and says its version.

    Args:
        language: a key of ``LANGUAGES``.
        version: the version asked for.
        search: the environment variables that say where to look (PATH, HOME, PYENV_ROOT, NVM_DIR, ...). Without it:
            those of this process, and the folders where systems usually keep toolchains.

    Raises:
        ToolchainMissingError: nothing usable is installed.
    """
    if language not in LANGUAGES:
        raise ToolchainMissingError(f"Builds do not know the language {language!r}; they know {', '.join(LANGUAGES)}.")
    known = LANGUAGES[language]
    environment = os.environ if search is None else search
    asked = _asked_numbers(language, version)
    candidates = list(_candidates(known, environment, system=search is None))
    unusable: list[str] = []
    while candidates:
        best = _best(candidates, asked, newest_first=known.newest_first)
        problem = _problem(language, best)
        if problem is None:
            break
        unusable.append(f"{best.executable} ({best.version}) {problem}")
        candidates.remove(best)
    else:
        raise ToolchainMissingError(_missing_message(language, version, unusable))
    toolchain = Toolchain(
        language=language,
        asked=version,
        version=best.version,
        executable=best.executable,
        path_entries=(best.executable.parent, *folders_of(known.companions, environment, system=search is None)),
        warning=_warning(language, version, asked, best, unusable),
    )
    if known.needs is None:
        return toolchain
    ground = find_toolchain(known.needs, None, search=search)
    return replace(toolchain, path_entries=(*toolchain.path_entries, *ground.path_entries))


def _candidates(language: Language, environment: Mapping[str, str], *, system: bool) -> Iterator[_Candidate]:
    """Everything installed that starts and says its version, each program once."""
    path = environment.get("PATH") or ""
    if system:
        path = f"{path}:{SYSTEM_PATH}"
    searched = [(folder, True) for folder in folders_of(language.preferred, environment, system=system)]
    searched += [(Path(entry), True) for entry in path.split(":") if entry.startswith("/")]
    searched += [(folder, False) for folder in folders_of(language.folders, environment, system=system)]
    seen: set[Path] = set()
    for folder, on_path in searched:
        for program in _programs(folder, language.programs):
            real = program.resolve()
            if real in seen:
                continue
            seen.add(real)
            executable = real if language.follow_links else program
            for version in _versions(executable, language, environment):
                yield _Candidate(version, executable, on_path)


def _programs(folder: Path, patterns: Sequence[str]) -> Iterator[Path]:
    if folder.name == "shims":
        return
    for pattern in patterns:
        for program in sorted(folder.glob(pattern)):
            if program.is_file() and os.access(program, os.X_OK) and program.resolve().name not in _SHIM_PROGRAMS:
                yield program


def _versions(executable: Path, language: Language, environment: Mapping[str, str]) -> list[str]:
    """What the program says; nothing when it does not start, fails, hangs, or says something else."""
    clean = {"PATH": f"{executable.parent}:{SYSTEM_PATH}", "HOME": environment.get("HOME") or "/", "LANG": "C.UTF-8"}
    clean |= {"DOTNET_NOLOGO": "1", "DOTNET_CLI_TELEMETRY_OPTOUT": "1"}
    try:
        finished = subprocess.run(
            [executable, *language.version_arguments],
            env=clean,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PROBE_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return []
    said = (finished.stdout + b"\n" + finished.stderr).decode("utf-8", "replace")
    return [version for version in re.findall(language.version_pattern, said, re.MULTILINE) if _numbers(version)]


def _best(candidates: Sequence[_Candidate], asked: tuple[int, ...], *, newest_first: bool) -> _Candidate:
    if not asked:
        first = next((candidate for candidate in candidates if candidate.on_path), None)
        return first if first and not newest_first else _newest(candidates)

    def cut(candidate: _Candidate) -> tuple[int, ...]:
        return (candidate.numbers + (0,) * len(asked))[: len(asked)]

    def distance(candidate: _Candidate) -> tuple[bool, int, bool, tuple[int, ...]]:
        have = cut(candidate)
        agreeing = next((index for index in range(len(asked)) if have[index] != asked[index]), len(asked))
        lower = have < asked
        return not candidate.stable, -agreeing, lower, tuple(-number for number in have) if lower else have

    fitting = [candidate for candidate in candidates if cut(candidate) == asked]
    if fitting:
        return _newest(fitting)
    nearest = min(candidates, key=distance)
    return _newest([candidate for candidate in candidates if distance(candidate) == distance(nearest)])


def _newest(candidates: Sequence[_Candidate]) -> _Candidate:
    """The newest stable one; of equals the one found first."""
    return max(candidates, key=lambda candidate: candidate.rank)


def _problem(language: str, candidate: _Candidate) -> str | None:
    """Why a program that says its version cannot build all the same."""
    if language != "python":
        return None
    if candidate.numbers < _OLDEST_PYTHON:
        return "is too old to make a virtual environment"
    try:
        subprocess.run(
            [candidate.executable, "-I", "-c", "import ensurepip, venv"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PROBE_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return "cannot make a virtual environment (install its venv package)"
    return None


def _warning(
    language: str, version: str | None, asked: tuple[int, ...], best: _Candidate, unusable: Sequence[str]
) -> str | None:
    if version is None or (asked and best.numbers[: len(asked)] == asked):
        return None
    if not asked:
        return f"{language} version {version!r} is not a number; built with {best.version}"
    hint = LANGUAGES[language].install.format(version=".".join(str(number) for number in asked))
    skipped = f"; {', '.join(unusable)}" if unusable else ""
    return f"{language} {version} is not on this machine; built with {best.version} (install it with: {hint}){skipped}"


def _missing_message(language: str, version: str | None, unusable: Sequence[str]) -> str:
    wanted = ".".join(map(str, _asked_numbers(language, version))) or LANGUAGES[language].any_version
    install = LANGUAGES[language].install.format(version=wanted)
    found = f" Found, but not usable: {'; '.join(unusable)}." if unusable else ""
    shown = f"{language} {version}" if version else language
    return f"There is no {language} on this machine, and the build needs {shown}.{found} Install it with: {install}."


def _asked_numbers(language: str, version: str | None) -> tuple[int, ...]:
    text = version or ""
    numbers = _numbers(text.removeprefix("1.") if language == "java" else text)
    if language == "python" and numbers and numbers < (3,):
        raise ToolchainMissingError(
            f"python {version} cannot be used: virtual environments need python 3.4 or newer. "
            "Change base in PANDIUM.yaml."
        )
    return numbers


def _numbers(version: str) -> tuple[int, ...]:
    found = _NUMBERS.match(version)
    return tuple(int(part) for part in re.split("[._]", found[1])) if found else ()
