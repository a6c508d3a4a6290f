# ruff: noqa: PTH100, PTH120
"""The supervisor: one detached process per run or build, alone responsible for everything the job starts.

It is started by path, ``python -I -S supervisor.py``, in a session of its own, so that it survives whoever started
it. The job is one JSON object on standard input: nothing of it stands in argv or on disk. This file is compiled anew
at each start, the modules with the work are not: that is why it is short.
"""

import os
import sys

if __name__ == "__main__":  # the site's packages are left out; only our own, which import nothing else, are added
    sys.path.append(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

from pandium_tui.engine.job import Job, claim
from pandium_tui.engine.process_tree import boot_id, start_ticks
from pandium_tui.engine.supervision import Supervisor


def main() -> int:
    """Take the job from standard input; the exit status is 0 only when a result was written."""
    os.umask(0o077)
    try:
        job = Job(sys.stdin.buffer.read())
    except (ValueError, KeyError, TypeError):
        return 2  # cut short because the writer died, or not ours: nobody would know of this run
    null = os.open("/dev/null", os.O_RDONLY)
    os.dup2(null, 0)
    supervisor = Supervisor(job)  # from here on SIGTERM cancels
    pid = os.getpid()
    if not claim(job.folder, job.token, {"pid": pid, "start_ticks": start_ticks(pid), "boot_id": boot_id()}):
        return 3
    supervisor.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
