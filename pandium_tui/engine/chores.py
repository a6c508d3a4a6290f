"""What an engine does beside its runs and builds, in threads of its own: branches, notifications, removing the old."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from pandium_tui.builds.container_engine import ContainerEngineError
from pandium_tui.engine.containers import remove_orphans
from pandium_tui.engine.disk import lack_of_space
from pandium_tui.engine.notifications import Batch, claim_batches, record_delivery
from pandium_tui.engine.polling import Poll, claim_polls, poll
from pandium_tui.engine.retention import claim_round, prune
from pandium_tui.sources.errors import FetchCancelledError
from pandium_tui.storage.database import Store
from pandium_tui.storage.errors import StoreError
from pandium_tui.storage.times import utc_now

T = TypeVar("T")

logger = logging.getLogger(__name__)

LOOK_INTERVAL = 5.0
"""Seconds between two looks at what is due."""

POLL_PACE = 1.0
"""Seconds between two looks of one thread at least: many hosts that refuse at once must not keep the machine busy."""

DELIVERIES_AT_ONCE = 4
"""The same for messages."""


class Chores:
    """The chores of one engine; call it from the engine's thread."""

    def __init__(self, store: Store, stopping: Callable[[], bool]) -> None:
        self._store = store
        self._stopping = stopping
        self._threads: list[threading.Thread] = []
        self._polls: list[threading.Thread] = []
        self._deliveries: list[threading.Thread] = []
        self._looked: datetime | None = None

    def look(self, now: datetime) -> None:
        """Begin what is due; returns at once.

        Raises:
            StoreError: the store cannot be used now.
        """
        if self._looked is not None and abs((now - self._looked).total_seconds()) < LOOK_INTERVAL:
            return
        if self._looked is None:
            self._begin("looking for left-over containers", self._remove_orphans, None)
        self._looked = now
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        self._polls = [thread for thread in self._polls if thread.is_alive()]
        self._deliveries = [thread for thread in self._deliveries if thread.is_alive()]
        if claim_round(self._store, now):
            self._begin("removing old runs", self._prune, now)
        for batch in claim_batches(self._store, now, DELIVERIES_AT_ONCE - len(self._deliveries)):
            self._deliveries.append(self._begin(f"sending notification {batch.notification_id}", self._deliver, batch))
        free = self._store.settings.polls_at_once - len(self._polls)
        if free > 0 and lack_of_space(self._store.settings) is None:
            for claimed in claim_polls(self._store, now, free):
                self._polls.append(self._begin("following branches", self._poll, (claimed, now)))

    def wait(self, seconds: float) -> None:
        """Wait, when the engine stops, for each thread to notice."""
        for thread in self._threads:
            thread.join(seconds)

    def _begin(self, chore: str, work: Callable[[T], None], argument: T) -> threading.Thread:
        thread = threading.Thread(target=self._do, args=(chore, work, argument), name=chore, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _do(self, chore: str, work: Callable[[T], None], argument: T) -> None:
        try:
            work(argument)
        except FetchCancelledError:
            return  # the engine stops
        except (ContainerEngineError, StoreError) as error:
            logger.warning("%s: %s", chore, error)
        except Exception:  # the end of its thread: nobody else would tell
            logger.exception("%s: it ended because of a mistake of the program", chore)

    def _poll(self, first: tuple[Poll, datetime]) -> None:
        """Look at a repository, then at others that are due, without waiting for the next look at what is due."""
        claimed, now = first
        begun = time.monotonic()
        due = [claimed]
        while due:
            pace = time.monotonic() + POLL_PACE
            poll(self._store, due[0], self._stopping)
            while not self._stopping() and time.monotonic() < pace:
                time.sleep(0.05)
            if self._stopping() or lack_of_space(self._store.settings) is not None:
                return
            due = claim_polls(self._store, now + timedelta(seconds=time.monotonic() - begun), 1)

    def _deliver(self, batch: Batch) -> None:
        # Imported late: mail and its kind cost the start of the app, and most installations have none.
        from pandium_tui.engine.deliveries import DeliveryError, deliver
        from pandium_tui.engine.notification_messages import message_of

        problem = None
        try:
            deliver(self._store, batch.kind, batch.target, batch.uuid, message_of(batch, utc_now()))
        except DeliveryError as error:
            problem = str(error)
        except Exception as error:  # the outcome must be on record, or it would be sent again and again
            logger.exception("notification %s could not be sent", batch.notification_id)
            problem = f"it could not be sent ({type(error).__name__}); see pandium-tui.log"
        record_delivery(self._store, batch, problem, utc_now())

    def _remove_orphans(self, _: None) -> None:
        for name in remove_orphans(self._store, self._stopping):
            logger.warning("the container %s was left over and has been removed", name)

    def _prune(self, now: datetime) -> None:
        prune(self._store, now, interrupted=self._stopping)
