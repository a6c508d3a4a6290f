"""The demo: the whole main job on the bundled sample, and never at the cost of somebody's home folder."""

import sqlite3
from pathlib import Path

from tests.cli.command_line import CommandLine


def test_the_demo_does_the_main_job_and_can_be_repeated(tmp_path: Path) -> None:
    command_line = CommandLine(tmp_path / "home")
    for _ in range(2):
        done = command_line.run("demo", "--headless")
        assert done.returncode == 0, done.stderr
        assert "All went well." in done.stdout
    assert not (tmp_path / "home").exists()
    home = tmp_path / "home-demo"
    contacts = {}
    for tenant in ("acme", "globex"):
        with sqlite3.connect(home / "data" / f"{tenant}.sqlite") as database:
            contacts[tenant] = database.execute("SELECT count(*) FROM contact").fetchone()[0]
        database.close()
    assert contacts == {"acme": 10, "globex": 6}
    phases = [run["phase"] for run in CommandLine(home).json("run", "list")]
    assert phases == ["Succeeded"] * 6


def test_the_demo_tells_scripts_what_it_did(tmp_path: Path) -> None:
    told = CommandLine(tmp_path / "home").json("demo", "--headless")
    assert told["home"] == str(tmp_path / "home-demo")
    assert [step.get("phase") or step.get("status") for step in told["steps"]] == ["Ready", *["Succeeded"] * 6]


def test_a_folder_that_is_not_a_demo_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "home-demo").mkdir()
    (tmp_path / "home-demo" / "precious").touch()
    code, said = CommandLine(tmp_path / "home").refused("demo", "--headless")
    assert code == 1
    assert "is not a demo's" in said
    assert (tmp_path / "home-demo" / "precious").exists()
