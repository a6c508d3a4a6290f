# ruff: noqa: PTH112
"""Landlock, by its system calls: this process and all it starts lose what they are not allowed, for good.

Standard library only, and little of that: supervisors use it. What each version of the kernel's interface knows is in
linux/landlock.h and landlock(7).
"""

import ctypes
import os
import struct
from collections.abc import Iterable, Mapping

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on all architectures but alpha
_CREATE_RULESET_VERSION = _RULE_PATH_BENEATH = 1
_PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 24, 38  # linux/prctl.h

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 1 << 1, 1 << 2, 1 << 3
_MAKE_CHAR, _MAKE_BLOCK = 1 << 6, 1 << 11
_TRUNCATE, _IOCTL_DEV = 1 << 14, 1 << 15
_KNOWN_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # how many, by version; later ones have added none for files
_SIGNALS_AND_ABSTRACT_SOCKETS = 0b11

CAN_TRUNCATE, CAN_SCOPE_SIGNALS = 3, 6
"""The versions since which truncating is a right of its own, and since which signals can be kept inside."""

_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


def version() -> int:
    """The version of the interface that this kernel offers; 0 when it has none, or it is switched off."""
    answer: int = ctypes.CDLL(None).syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _CREATE_RULESET_VERSION)
    return max(0, answer)


def execute_restricted(
    argv: list[str], environment: Mapping[str, str], readable: Iterable[str], writable: Iterable[str]
) -> None:
    """Turn into the program, kept from all files but these, and from signals to others where that is known.

    Readable means also executable. It cannot gain privileges any more, and loses those of root. /proc stays readable,
    because the kernel itself refuses what is secret there.

    Raises:
        OSError: the program cannot be started, or the kernel refuses.
    """
    folders = [""] if "/" in argv[0] else [f"{folder}/" for folder in environment.get("PATH", "").split(":")]
    paths = [folder + argv[0] for folder in folders]
    # First: what looks it up for us imports more, which may be out of reach then.
    program = next((path for path in paths if os.access(path, os.X_OK)), paths[-1])
    _restrict(readable, writable)
    os.execve(program, argv, environment)  # noqa: S606 - no shell is the point


def _restrict(readable: Iterable[str], writable: Iterable[str]) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    offered = version()
    known = (1 << _KNOWN_RIGHTS.get(offered, 16)) - 1
    scope = _SIGNALS_AND_ABSTRACT_SOCKETS if offered >= CAN_SCOPE_SIGNALS else 0
    size = 24 if scope else 8
    rules = _checked(libc.syscall(_CREATE_RULESET, struct.pack("=QQQ", known, 0, scope), ctypes.c_size_t(size), 0))
    read = _EXECUTE | _READ_FILE | _READ_DIR
    for path in (*readable, "/proc"):
        _allow(libc, rules, path, read & known)
    for path in writable:
        _allow(libc, rules, path, known & ~(_MAKE_CHAR | _MAKE_BLOCK))
    for path in _DEVICES:
        _allow(libc, rules, path, (_READ_FILE | _WRITE_FILE | _IOCTL_DEV) & known)
    capability = 0
    while not libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0):  # fails without privileges, and after the last one
        capability += 1
    _checked(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _checked(libc.syscall(_RESTRICT_SELF, rules, 0))
    os.close(rules)


def _allow(libc: ctypes.CDLL, rules: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there need not be allowed
    try:
        if not os.path.isdir(path):
            rights &= _EXECUTE | _READ_FILE | _WRITE_FILE | _TRUNCATE | _IOCTL_DEV
        rule = struct.pack("=Qi", rights, place)
        _checked(libc.syscall(_ADD_RULE, rules, _RULE_PATH_BENEATH, rule, 0))
    finally:
        os.close(place)


def _checked(answer: int) -> int:
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"Landlock: {os.strerror(number)}")
    return answer
