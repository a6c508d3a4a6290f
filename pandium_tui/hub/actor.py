"""Who does something, for the audit trail and for what a tenant's source says."""

import getpass
import os
from dataclasses import dataclass, replace
from typing import Literal

Door = Literal["hub", "cli", "api"]


@dataclass(frozen=True, slots=True)
class TakenBack:
    """An activity that is taken back; in words for the audit trail."""

    id: int
    action: str

    def __str__(self) -> str:
        return f"undoes {self.action}, activity {self.id}"


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at one of the front doors.

    Attributes:
        session: tells one start of the program from the others; empty where nobody asks.
        act: what is done with the same name is undone together; empty: each change is an act of its own.
        undoes: what the person takes back; what is done for that cannot be undone again.
    """

    user: str
    door: Door
    session: str = ""
    act: str = ""
    undoes: TakenBack | None = None

    def __str__(self) -> str:
        return f"{self.user} ({self.door})"

    @property
    def at_any_door(self) -> tuple[str, ...]:
        """The names under which this user of the machine does something, in the app and by commands."""
        return tuple(str(replace(self, door=door)) for door in ("hub", "cli"))

    def in_one_act(self) -> "Actor":
        """The same person, for several changes that are one act."""
        return self if self.act else replace(self, act=new_name())


def new_name() -> str:
    """A name that nothing else has."""
    return os.urandom(8).hex()


def current_actor(door: Door) -> Actor:
    """The operating system's user at a front door."""
    try:
        return Actor(getpass.getuser(), door, new_name())
    except (KeyError, OSError):  # a user id without an entry in the password file; KeyError before Python 3.13
        return Actor("unknown user", door, new_name())
