"""Settings from the file and the environment."""

from pathlib import Path

import pytest

from pandium_tui.settings import Settings, SettingsError, load_settings


def test_the_home_is_what_is_given_else_the_variable_else_the_data_folder(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "a", {"PANDIUM_TUI_HOME": str(tmp_path / "b")}).home == tmp_path / "a"
    assert load_settings(None, {"PANDIUM_TUI_HOME": str(tmp_path / "b")}).home == tmp_path / "b"
    assert load_settings(None, {}).home == tmp_path / "data" / "pandium-tui"


def test_variables_are_stronger_than_the_file(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("run_time_limit = 30\nlog_limit = 1000\nreveal_secrets = false\n")
    loaded = load_settings(tmp_path, {"PANDIUM_TUI_LOG_LIMIT": "2000"})
    assert (loaded.run_time_limit, loaded.log_limit, loaded.reveal_secrets) == (30, 2000, False)
    assert loaded.build_time_limit == Settings(home=tmp_path).build_time_limit


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("run_time_limit = 0", "run_time_limit: must be a whole number from 1"),
        ("run_time_limit = 99999999999999999999", "run_time_limit: must be a whole number from 1"),
        ("run_time_limit = true", "run_time_limit: must be a whole number"),
        ("reveal_secrets = 1", "reveal_secrets: must be true or false"),
        ('executor = "maybe"', "executor: must be one of local, docker, podman"),
        ('executor = "lxc"', "executor: must be one of local, docker, podman"),
        ("engine_arguments = [1]", "engine_arguments: must be arguments"),
        ('isolation = "bubblewrap"', "isolation: must be one of auto, required, off"),
        ('isolation_writable = ["data"]', "isolation_writable: must be full paths or begin with ~"),
        ('container_network = "a b"', "container_network: must be a name"),
        ('time_zone = "Mars"', "'Mars' is not a known time zone"),
        ("no_such_thing = 1", "no_such_thing: unknown setting"),
        ("home = 'x'", "home: unknown setting"),
        ("= 1", "not valid TOML"),
    ],
)
def test_what_cannot_be_used_is_told_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "config.toml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path, {})
    assert said in str(caught.value)
    assert str(tmp_path / "config.toml") in str(caught.value)


def test_arguments_are_a_list_in_the_file_and_split_as_a_shell_would_in_a_variable(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('engine_arguments = ["--runtime", "runc"]\n')
    loaded = load_settings(tmp_path, {"PANDIUM_TUI_CONTAINER_ARGUMENTS": "--label 'a b'"})
    assert (loaded.engine_arguments, loaded.container_arguments) == (("--runtime", "runc"), ("--label", "a b"))
