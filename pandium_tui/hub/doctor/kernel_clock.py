"""What the kernel says of its clock: whether something keeps it in step, adjtimex(2). Nobody else is asked."""

import ctypes

_WORST_ERROR = 16_000_000
"""Microseconds that the estimated error grows to when nothing sets the clock (NTP_PHASE_LIMIT of the kernel)."""


class _Timex(ctypes.Structure):
    """The beginning of struct timex, and room for the rest of it."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("rest", ctypes.c_char * 512),
    )


def is_kept_in_step() -> bool | None:
    """Whether a time service keeps the clock; None when the kernel does not tell.

    By the rule of systemd (``ntp_synced``): the largest error it admits is small. Its flag STA_UNSYNC alone is not
    enough, for time services set it to keep the kernel from the hardware clock.
    """
    asked = _Timex()
    try:
        if ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(asked)) < 0:
            return None  # a sandbox that forbids the call
    except (OSError, AttributeError):
        return None
    return bool(asked.maxerror < _WORST_ERROR)
