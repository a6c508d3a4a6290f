"""What the doctor finds."""

from dataclasses import dataclass
from typing import Literal

from pandium_tui.settings import SettingsError

TIME_SERVICE = "Let a time service keep the clock (chrony, systemd-timesyncd)."
"""What to do about a clock."""

Status = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        check: what was looked at.
        status: a warning does not keep anything from working now, a problem does or soon will.
        found: what was found, and what it means.
        advice: what to do, empty when there is nothing to do.
    """

    check: str
    status: Status
    found: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All findings; ``status`` is the worst of them."""

    status: Status
    findings: tuple[Finding, ...]


def diagnosis_of(findings: list[Finding]) -> Diagnosis:
    """The findings with the worst of their statuses."""
    found = {one.status for one in findings}
    status: Status = "problem" if "problem" in found else "warning" if "warning" in found else "ok"
    return Diagnosis(status, tuple(findings))


def broken_settings(error: SettingsError) -> Diagnosis:
    """What is told when not even the settings can be read: nothing else can be looked at then."""
    return diagnosis_of(
        [
            Finding(
                "settings", "problem", f"{error}. Nothing else was looked at.", "Correct it; no command works before."
            )
        ]
    )
