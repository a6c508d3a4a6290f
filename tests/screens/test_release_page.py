"""The page of a release, over a real store and a real build log."""

from pandium_tui.app import PandiumApp
from pandium_tui.hub.releases import release
from pandium_tui.screens.release import ReleasePage
from pandium_tui.storage.database import Store
from pandium_tui.storage.tables import ReleaseRow
from pandium_tui.widgets.confirm import Confirm
from pandium_tui.widgets.facts import Facts
from pandium_tui.widgets.log_view import LogView
from pandium_tui.widgets.text_lines import TextLines
from tests.screens.filling import HOSTILE, ago, app_on, fill
from tests.screens.log_files import add_lines, open_page, record, wait_until

MANIFEST = """version: 0.4
base: python:3.7
build: pip install -r requirements.txt
run: python -m [bold]crm[/oops]
configs: {}
"""


def change(store: Store, release_id: int, **values: object) -> None:
    with store.writing() as session:
        row = session.get_one(ReleaseRow, release_id)
        for name, value in values.items():
            setattr(row, name, value)


def built(store: Store) -> int:
    """A release with everything there can be to say about one."""
    release_id = fill(store).release_id
    change(
        store,
        release_id,
        base="python:3.7",
        toolchain="Python 3.11.7",
        build_command="pip install -r requirements.txt",
        run_command="python -m crm",
        path="integrations/crm",
        manifest=MANIFEST,
        warnings=["python:3.7 is not installed here: built with Python 3.11.7"],
        started_by="ada (hub)",
        started_date=ago(days=3),
        completed_date=ago(days=3, seconds=-42),
    )
    folder = store.settings.release_folder(release_id)
    folder.mkdir(parents=True)
    (folder / "log").write_bytes(
        record("$ pip install -r requirements.txt", "sys") + record("Collecting [red]x[/oops] \x1b[31m", "out")
    )
    return release_id


def facts(app: PandiumApp) -> dict[str, str]:
    return dict(app.screen.query_one(Facts).facts)


def log_text(app: PandiumApp) -> str:
    lines = app.screen.query_one(LogView).lines
    return "\n".join(lines.render_line(y).text.rstrip() for y in range(lines.size.height))


async def test_a_failed_build_says_why(store: Store) -> None:
    release_id = built(store)
    change(store, release_id, status="Failed", reason=HOSTILE)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_page(pilot, app, ReleasePage(release_id))
        said = facts(app)
        assert "✗ Failed" in said["Release"]
        assert said["Reason"] == HOSTILE
        assert app.screen.query_one(LogView).lines.size.height >= 8


async def test_it_follows_a_build_to_its_end(store: Store) -> None:
    release_id = built(store)
    change(store, release_id, status="Building", completed_date=None)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_page(pilot, app, ReleasePage(release_id))
        add_lines(store.settings.release_folder(release_id), 100)
        await wait_until(pilot, lambda: "line 99" in log_text(app))
        change(store, release_id, status="Ready", completed_date=ago(days=2))
        await wait_until(pilot, lambda: "✓ Ready" in facts(app)["Release"])
        assert "latest" not in facts(app)["Release"]
        assert "default" in facts(app)["Release"]


async def test_only_a_ready_release_becomes_the_default(store: Store) -> None:
    release_id = built(store) + 1  # the next one, which is Ready and not the default
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_page(pilot, app, ReleasePage(release_id))
        change(store, release_id, status="Failed")
        await wait_until(pilot, lambda: "Failed" in facts(app)["Release"])
        await pilot.press("d")
        await pilot.pause()
        assert not release(store, release_id).is_default
        change(store, release_id, status="Ready")
        await wait_until(pilot, lambda: "Ready" in facts(app)["Release"])
        await pilot.press("d")
        await wait_until(pilot, lambda: "default" in facts(app)["Release"])
        assert release(store, release_id).is_default


async def test_cancel_asks_first(store: Store) -> None:
    release_id = built(store)
    change(store, release_id, status="Queued", completed_date=None)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_page(pilot, app, ReleasePage(release_id))
        await pilot.press("c")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("n")
        await wait_until(pilot, lambda: isinstance(app.screen, ReleasePage))
        assert release(store, release_id).status == "Queued"
        await pilot.press("c")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await wait_until(pilot, lambda: isinstance(app.screen, ReleasePage) and "Failed" in facts(app)["Release"])
        assert "cancelled by" in facts(app)["Reason"]


async def test_build_again_builds_the_same_commit_and_shows_it(store: Store) -> None:
    release_id = built(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_page(pilot, app, ReleasePage(release_id))
        commit = facts(app)["Commit"][:12]
        await pilot.press("b")
        await wait_until(pilot, lambda: "○ Queued" in facts(app).get("Release", ""))
        assert facts(app)["Commit"].startswith(commit)
        assert release(store, release_id).status == "Ready"


async def test_the_yaml_is_text_with_numbers(store: Store) -> None:
    release_id = built(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_page(pilot, app, ReleasePage(release_id))
        await pilot.press("2")
        lines = app.screen.query_one(TextLines)
        await wait_until(pilot, lambda: lines.render_line(3).text.rstrip() == "4 run: python -m [bold]crm[/oops]")
        await pilot.press("1")
        await wait_until(pilot, lambda: app.focused is app.screen.query_one(LogView).lines)
        await pilot.press("ctrl+pagedown")
        await wait_until(pilot, lambda: app.focused is lines)
