"""Why the hub does not do what was asked: always a sentence for people, never a traceback."""

from collections.abc import Mapping


class HubError(Exception):
    """Something asked of the hub cannot be done. The text says what, where and what to do."""


class NotFoundError(HubError):
    """What was named does not exist."""


class RefusedError(HubError):
    """It exists, but its state does not allow what was asked."""


class InvalidError(HubError):
    """Values that cannot be accepted.

    Attributes:
        problems: for each field (named as in the records) what is wrong with it and what is accepted.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("; ".join(f"{field}: {problem}" for field, problem in problems.items()))


def raise_if_any(problems: Mapping[str, str]) -> None:
    """Refuse values that have problems.

    Raises:
        InvalidError: there is one.
    """
    if problems:
        raise InvalidError(problems)
