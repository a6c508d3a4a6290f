"""What is shown of a machine: whole installations of toolchains, and nothing else of the person they belong to."""

from pathlib import Path

from pandium_tui.builds.visible_files import visible_files


def program(file: Path) -> Path:
    file.parent.mkdir(parents=True)
    file.write_text("#!/bin/sh\n")
    file.chmod(0o755)
    return file


def test_an_installation_is_shown_whole_and_a_home_folder_is_not(tmp_path: Path) -> None:
    home = tmp_path / "home"
    versions = home / ".pyenv" / "versions" / "3.12.1"
    program(versions / "bin" / "python3")
    program(home / ".local" / "bin" / "clojure")
    seen = visible_files("python", [versions / "bin"], [], {"HOME": str(home)})
    assert str(versions) in seen
    assert not {str(home), str(home / ".pyenv"), str(home / ".local")} & set(seen)
    seen = visible_files("clojure", [home / ".local" / "bin"], [], {"HOME": str(home)})
    assert str(home / ".local" / "bin") in seen
    assert not {str(home), str(home / ".local")} & set(seen)


def test_what_stands_behind_a_linked_program_is_shown(tmp_path: Path) -> None:
    program(tmp_path / "node-22" / "bin" / "node")
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "node").symlink_to(tmp_path / "node-22" / "bin" / "node")
    seen = visible_files("node", [tmp_path / "links"], [], {})
    assert {str(tmp_path / "links"), str(tmp_path / "node-22")} <= set(seen)


def test_certificates_and_packages_are_found_however_they_are_written(tmp_path: Path) -> None:
    for name in ("one", "two", "wheels"):
        (tmp_path / name).mkdir()
    (tmp_path / "real.pem").touch()
    (tmp_path / "ca.pem").symlink_to("real.pem")
    host = {
        "SSL_CERT_DIR": f"{tmp_path}/one:{tmp_path}/two",
        "SSL_CERT_FILE": f"{tmp_path}/ca.pem",
        "PIP_INDEX_URL": f"file://{tmp_path}/wheels",
        "HTTPS_PROXY": "http://proxy.example.com:3128/",
        "AWS_CA_BUNDLE": "/",
    }
    seen = [one for one in visible_files("go", [], [], host) if one.startswith(str(tmp_path)) or one == "/"]
    assert sorted(Path(one).name for one in seen) == ["ca.pem", "one", "real.pem", "two", "wheels"]
