"""What an engine does beside its runs and builds, in threads of its own: following branches, removing what is old."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from pandium_tui.builds.container_engine import ContainerEngineError
from pandium_tui.engine.containers import remove_orphans
from pandium_tui.engine.disk import lack_of_space
from pandium_tui.engine.polling import Poll, claim_polls, poll
from pandium_tui.engine.retention import claim_round, prune
from pandium_tui.sources.errors import FetchCancelledError
from pandium_tui.storage.database import Store
from pandium_tui.storage.errors import StoreError

T = TypeVar("T")

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
        self._polls: list[threading.Thread] = []
        self._looked: datetime | None = None

    def look(self, now: datetime) -> None:
        """Begin what is due; returns at once.

        Raises:
            StoreError: the store cannot be used now.
        """
        if self._looked is not None and abs((now - self._looked).total_seconds()) < LOOK_INTERVAL:
            return
        if self._looked is None:
            self._begin("containers", self._remove_orphans, None)
        self._looked = now
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        self._polls = [thread for thread in self._polls if thread.is_alive()]
        if claim_round(self._store, now):
            self._begin("retention", self._prune, now)
        free = POLLS_AT_ONCE - len(self._polls)
        if free and lack_of_space(self._store.settings) is None:
            for claimed in claim_polls(self._store, now, free):
                self._polls.append(self._begin("tracking branch", self._poll, claimed))

    def wait(self, seconds: float) -> None:
        """Wait, when the engine stops, for each thread to notice."""
        for thread in self._threads:
            thread.join(seconds)

    def _begin(self, name: str, work: Callable[[T], None], argument: T) -> threading.Thread:
        thread = threading.Thread(target=work, args=(argument,), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _poll(self, claimed: Poll) -> None:
        try:
            poll(self._store, claimed, self._stopping)
        except FetchCancelledError:
            return
        except StoreError as error:
            logger.warning("the tracking branches of %s could not be noted: %s", claimed.url, error)
        except Exception:
            logger.exception("the tracking branches of %s could not be followed", claimed.url)

    def _remove_orphans(self, _: None) -> None:
        try:
            for name in remove_orphans(self._store, self._stopping):
                logger.warning("the container %s was left over and has been removed", name)
        except (ContainerEngineError, StoreError) as error:
            logger.warning("left-over containers could not be looked for: %s", error)
        except Exception:
            logger.exception("left-over containers could not be looked for")

    def _prune(self, now: datetime) -> None:
        try:
            prune(self._store, now, interrupted=self._stopping)
        except StoreError as error:
            logger.warning("old runs could not be removed: %s", error)
        except Exception:
            logger.exception("old runs could not be removed")
