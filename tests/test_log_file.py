"""The file for the program's own faults."""

import logging
from collections.abc import Iterator

import pytest

from pandium_tui.log_file import log_to_file
from pandium_tui.settings import Settings


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The program's logger without a handler; put back as it was."""
    logger = logging.getLogger("pandium_tui")
    handlers, propagate = logger.handlers, logger.propagate
    logger.handlers = []
    yield logger
    for handler in logger.handlers:
        handler.close()
    logger.handlers, logger.propagate = handlers, propagate


def test_faults_are_written_for_the_owner_only(settings: Settings, root: logging.Logger) -> None:
    settings.home.mkdir()
    log_to_file(settings)
    root.error("a fault")
    file = settings.home / "pandium-tui.log"
    assert "a fault" in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_written_is_no_reason_not_to_start(settings: Settings, root: logging.Logger) -> None:
    (settings.home / "pandium-tui.log").mkdir(parents=True)
    log_to_file(settings)
    root.error("a fault")
