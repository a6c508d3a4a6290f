# ruff: noqa: PTH110, PTH123, PTH208
"""Processes as the kernel shows them: who lives, who is below whom, and signals that hit only whom they are meant for.

Standard library only, and no pathlib: the supervisor uses this, and pathlib alone would take a fifth of its budget.
"""

import os
import signal
from collections.abc import Iterator

Process = tuple[int, int]  # pid and start time in clock ticks after boot: together they name one process for good
UNSEEN = (FileNotFoundError, ProcessLookupError, PermissionError)  # it has ended, or is hidden from us


def read_small(path: str) -> bytes:
    """The content of a file of the kernel's."""
    with open(path, "rb", buffering=0) as file:
        return file.readall()


def boot_id() -> str:
    """The kernel's name for this boot; a pid and a start time mean nothing in another one."""
    return read_small("/proc/sys/kernel/random/boot_id").decode().strip()


def stat_fields(pid: int) -> list[bytes]:
    """The fields of proc_pid_stat(5), each under its number there; of those before the third nothing is told.

    The list is empty when there is no such process.
    """
    try:
        text = read_small(f"/proc/{pid}/stat")
    except UNSEEN:
        return []
    return [b"", b"", b"", *text[text.rindex(b")") + 2 :].split()]  # the name may hold blanks and brackets


def start_ticks(pid: int) -> int | None:
    """When the process started, in clock ticks after boot; None when it is dead.

    A zombie is dead, unless only its first thread has ended.
    """
    fields = stat_fields(pid)
    if not fields or (fields[3] in b"ZX" and int(fields[20]) <= 1):
        return None
    return int(fields[22])


def children(pid: int) -> list[int]:
    """The pids of the process's direct children, dead or alive."""
    if not os.path.exists("/proc/thread-self/children"):
        return children_by_scan(pid)  # a kernel built without CONFIG_PROC_CHILDREN
    found: list[int] = []
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except UNSEEN:
        return found
    for thread in threads:
        try:
            found += map(int, read_small(f"/proc/{pid}/task/{thread}/children").split())
        except UNSEEN:  # its children come to another thread, or to the subreaper
            continue
    return found


def children_by_scan(pid: int) -> list[int]:
    """The same from the parent that every process of the machine names: slow, but any kernel can tell."""
    parent = b"%d" % pid
    return [other for other in pids() if stat_fields(other)[4:5] == [parent]]


def pids() -> list[int]:
    """The pids of all processes of the machine."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def descendants(root: int) -> Iterator[Process]:
    """Every living process below ``root``; the children of each are looked up after it was handed out."""
    waiting = children(root)
    while waiting:
        pid = waiting.pop()
        ticks = start_ticks(pid)
        if ticks is not None:
            yield pid, ticks
        waiting += children(pid)


def send_signal(process: Process, number: int) -> bool:
    """Signal exactly this process, never another that was given its pid since; False when it is gone or not ours."""
    pid, ticks = process
    try:
        handle = os.pidfd_open(pid)
    except OSError:  # gone, or no pidfd here (Linux before 5.3, a strict sandbox): the next best
        handle = -1
    try:
        if start_ticks(pid) != ticks:
            return False
        if handle >= 0:
            signal.pidfd_send_signal(handle, number)
        else:
            os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    finally:
        if handle >= 0:
            os.close(handle)
    return True
