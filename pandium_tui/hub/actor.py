"""Who does something, for the audit trail and for what a tenant's source says."""

import getpass
from dataclasses import dataclass
from typing import Literal

Door = Literal["hub", "cli", "api"]


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at one of the front doors."""

    user: str
    door: Door

    def __str__(self) -> str:
        return f"{self.user} ({self.door})"


def current_actor(door: Door) -> Actor:
    """The operating system's user at a front door."""
    try:
        return Actor(getpass.getuser(), door)
    except (KeyError, OSError):  # a user id without an entry in the password file; KeyError before Python 3.13
        return Actor("unknown user", door)
