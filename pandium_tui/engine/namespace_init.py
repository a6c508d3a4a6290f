"""The first process of a process namespace, in which bubblewrap starts it: its text is given to ``python -c``.

It starts the program, reports how that ended, and stays until all processes of the namespace have ended: only then do
they count as left over by nobody. Only modules that are built into the interpreter are imported, to be quick.

Arguments: how many processes its user may have (0: as many as before), the number of the file to report to, the program
and its arguments. The report is a blank-separated exit
code and sentence when the program could not be started; then, always, a zero byte and the status that waitpid(2) gives.
"""

import _signal  # type: ignore[import-not-found]
import errno
import posix
import sys

# POSIX XCU 2.8.2
_NOT_FOUND, _NOT_EXECUTABLE = 127, 126


def _become(arguments: list[str]) -> OSError:
    """Turn into the program, looked for as a shell would; what kept it from that."""
    program = arguments[0]
    folders = posix.environ.get(b"PATH", b"").decode().split(":")
    why = OSError(errno.ENOENT, "No such file or directory")
    for path in [program] if "/" in program else [f"{folder}/{program}" for folder in folders]:
        try:
            posix.execve(path, arguments, posix.environ)
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ENOTDIR):
                why = error
    return why


def _limit(processes: int) -> None:
    """Since Linux 5.14 the limit counts the processes of this user namespace alone, see user_namespaces(7)."""
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_NPROC)
    limit = processes if most == resource.RLIM_INFINITY else min(processes, most)
    resource.setrlimit(resource.RLIMIT_NPROC, (limit, limit))


def main(processes: int, report: int, arguments: list[str]) -> None:
    """See above."""
    posix.set_inheritable(report, False)
    child = posix.fork()
    if not child:
        posix.setsid()
        for number in (_signal.SIGINT, _signal.SIGPIPE, _signal.SIGXFSZ):  # what the interpreter changes for itself
            _signal.signal(number, _signal.SIG_DFL)
        if processes:
            _limit(processes)
        why = _become(arguments)
        code = {errno.ENOENT: _NOT_FOUND, errno.ENOTDIR: _NOT_FOUND, errno.EACCES: _NOT_EXECUTABLE}.get(
            why.errno or 0, 0
        )
        posix.write(report, f"{code} {arguments[0]} cannot be started: {why.strerror}".encode())
        posix._exit(_NOT_FOUND)
    posix.close(1)  # who reads them waits for their end
    posix.close(2)
    try:
        while True:
            pid, status = posix.waitpid(-1, 0)
            if pid == child:
                posix.write(report, b"\0%d" % status)
    except ChildProcessError:
        posix._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
