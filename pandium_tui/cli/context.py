"""What every command needs: the settings, the store, the engine it may run, and how errors reach a person."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from pandium_tui.hub.actor import Actor, current_actor
from pandium_tui.hub.errors import HubError, InvalidError
from pandium_tui.log_file import log_to_file
from pandium_tui.settings import Settings, SettingsError, load_settings
from pandium_tui.storage.database import Store, open_store
from pandium_tui.storage.errors import StoreError
from pandium_tui.text import visible_block

if TYPE_CHECKING:
    from pandium_tui.engine.engine import Engine

FAILED = 1
WRONG_USAGE = 2


class Context:
    """The home folder a command works on; opened when first needed."""

    def __init__(self, home: Path | None) -> None:
        self._home = home

    @property
    def home_is_given(self) -> bool:
        """Whether the home folder was named, by an option or a variable."""
        return self._home is not None

    @cached_property
    def settings(self) -> Settings:
        """The settings of the home folder."""
        return load_settings(self._home)

    @cached_property
    def store(self) -> Store:
        """The opened store."""
        return open_store(self.settings)

    @property
    def actor(self) -> Actor:
        """Who runs the command."""
        return current_actor("cli")

    @contextmanager
    def engine(self, kind: Literal["cli", "serve", "demo"], *, schedules: bool) -> Iterator["Engine"]:
        """An engine that works while the block runs; what it started goes on after it."""
        from pandium_tui.engine.engine import Engine

        log_to_file(self.settings)
        with Engine(self.store, kind, schedules=schedules) as engine:
            yield engine


@contextmanager
def reported() -> Iterator[None]:
    """Turn the errors people can act on into a line on stderr and an exit status, never a traceback.

    1: what was asked could not be done; 2: it was asked wrongly.
    """
    try:
        yield
    except InvalidError as error:
        for field, problem in error.problems.items():
            complain(f"{field}: {problem}")
        raise typer.Exit(WRONG_USAGE) from None
    except SettingsError as error:
        complain(str(error))
        raise typer.Exit(WRONG_USAGE) from None
    except (HubError, StoreError) as error:
        complain(str(error))
        raise typer.Exit(FAILED) from None
    except BrokenPipeError:
        # The reader of a pipe has left, as in ``… | head``: not an error, and nothing more can be written.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(FAILED) from None
    except OSError as error:
        complain(f"{error.filename or 'what was asked for'}: {error.strerror or error}")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(FAILED) from None


def complain(message: str) -> None:
    """Say on stderr what is wrong."""
    typer.echo(f"pandium-tui: {visible_block(message)}", err=True)


def of(context: typer.Context) -> Context:
    """The context of a command."""
    found = context.find_object(Context)
    assert found is not None
    return found
