"""The store's migrations (alembic). One file a revision in ``versions``; imported only when one is needed."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

FOLDER = Path(__file__).parent


def upgrade(store_file: Path, revision: str = "head") -> None:
    """Bring the store to a revision, by default the newest."""
    configuration = _configuration()
    configuration.attributes["store_file"] = store_file
    command.upgrade(configuration, revision)


def known_revisions() -> set[str]:
    """Every revision this version of the program knows."""
    return {script.revision for script in ScriptDirectory.from_config(_configuration()).walk_revisions()}


def newest_revision() -> str | None:
    """The revision that :func:`upgrade` leads to."""
    return ScriptDirectory.from_config(_configuration()).get_current_head()


def _configuration() -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    configuration.set_main_option("path_separator", "os")
    return configuration
