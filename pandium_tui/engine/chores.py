"""What an engine does beside its runs and builds, in threads of its own: following tracking branches."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from pandium_tui.engine.polling import Poll, claim_polls, poll
from pandium_tui.sources.errors import FetchCancelledError
from pandium_tui.storage.database import Store
from pandium_tui.storage.errors import StoreError

logger = logging.getLogger(__name__)

LOOK_INTERVAL = 5.0
"""Seconds between two looks at what is due."""

POLLS_AT_ONCE = 4
"""So that a host that does not answer holds up few others."""


class Chores:
    """The chores of one engine; call it from the engine's thread."""

    def __init__(self, store: Store, stopping: Callable[[], bool]) -> None:
        self._store = store
        self._stopping = stopping
        self._threads: list[threading.Thread] = []
        self._looked: datetime | None = None

    def look(self, now: datetime) -> None:
        """Begin what is due; returns at once.

        Raises:
            StoreError: the store cannot be used now.
        """
        if self._looked is not None and abs((now - self._looked).total_seconds()) < LOOK_INTERVAL:
            return
        self._looked = now
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        for claimed in claim_polls(self._store, now, POLLS_AT_ONCE - len(self._threads)):
            self._begin(self._poll, claimed)

    def wait(self, seconds: float) -> None:
        """Wait, when the engine stops, for each thread to notice."""
        for thread in self._threads:
            thread.join(seconds)

    def _begin(self, work: Callable[[Poll], None], claimed: Poll) -> None:
        thread = threading.Thread(target=work, args=(claimed,), name="tracking branch", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _poll(self, claimed: Poll) -> None:
        try:
            poll(self._store, claimed, self._stopping)
        except FetchCancelledError:
            return
        except StoreError as error:
            logger.warning("the tracking branches of %s could not be noted: %s", claimed.url, error)
        except Exception:
            logger.exception("the tracking branches of %s could not be followed", claimed.url)
