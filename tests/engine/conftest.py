from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.engine.supervised import Supervised, job_for

Launch = Callable[..., Supervised]


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    """Starts jobs: a bash command line, or argument lists. No process of theirs may be left in the end."""
    started: list[Supervised] = []

    def start(*commands: str | Sequence[str], **changes: Any) -> Supervised:
        lists = [["bash", "-c", one] if isinstance(one, str) else list(one) for one in commands]
        started.append(Supervised(job_for(tmp_path / f"job{len(started)}", lists, **changes)))
        return started[-1]

    yield start
    assert [one.clean_up() for one in started] == [0] * len(started), "processes were left running"
