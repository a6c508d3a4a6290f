# ruff: noqa: PTH104, PTH108
"""The job that a supervisor is given, and claiming the folder that it is done in. Standard library only, as there."""

import json
import os

from pandium_tui.engine.log_writer import write_all
from pandium_tui.engine.redaction import Redactor

NEW_RESULT = "result.json.new"
"""The file that becomes the result when it is complete."""


def claim(folder: str, token: str, claimant: dict[str, object]) -> bool:
    """Claim the job in this folder for good; False when somebody has claimed it before.

    Raises:
        OSError: the folder cannot be written.
    """
    temporary = f"{folder}/{token}.{os.getpid()}"
    file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        write_all(file, json.dumps(claimant).encode())
        os.fsync(file)
        os.link(temporary, f"{folder}/{token}")
    except FileExistsError:
        return False
    finally:
        os.close(file)
        os.unlink(temporary)
    sync_folder(folder)
    return True


def sync_folder(folder: str) -> None:
    """Make names in the folder survive a loss of power."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def store_result(folder: str, fields: dict[str, object]) -> None:
    """Leave the result of the job in this folder: whole, or not at all. Room for it may have been reserved before.

    Raises:
        OSError: it cannot be written.
    """
    data = json.dumps(fields).encode()
    file = os.open(f"{folder}/{NEW_RESULT}", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        write_all(file, data)
        os.ftruncate(file, len(data))
        os.fsync(file)
    finally:
        os.close(file)
    os.rename(f"{folder}/{NEW_RESULT}", f"{folder}/result.json")
    sync_folder(folder)


class Job:
    """What to run; times are seconds, sizes are bytes. See :class:`pandium_tui.engine.processes.Job`."""

    def __init__(self, text: bytes) -> None:
        fields = json.loads(text)
        self.folder: str = fields["folder"]
        self.token: str = fields["token"]
        self.commands: list[list[str]] = fields["commands"]
        self.directory: str = fields["directory"]
        self.environment: dict[str, str] = fields["environment"]
        self.time_limit = float(fields["time_limit"])
        self.grace = float(fields["grace"])
        self.log_limit = int(fields["log_limit"])
        self.state_limit = int(fields["state_limit"])
        self.log_name: str = fields["log_name"]
        # An engine of an older version, still running after an update, does not say this.
        self.needles = [needle.encode("latin-1") for needle in fields.get("needles", ())]
        self.cleanup: list[str] = fields.get("cleanup", [])
        self.wrapper: list[str] = fields.get("wrapper", [])
        self.landlock: dict[str, list[str]] = fields.get("landlock", {})

    def redactor(self) -> Redactor | None:
        """A new one for a stream, None when there is nothing to mask."""
        return Redactor(self.needles) if self.needles else None
