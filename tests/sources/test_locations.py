import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pandium_tui.sources.errors import SourceError
from pandium_tui.sources.locations import checked_branch, checked_repository_url


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/team/repo.git",
        "https://ada@example.com/team/repo",
        "http://example.com:8080/repo",
        "ssh://git@example.com:2222/team/repo.git",
        "git://example.com/repo",
        "file:///srv/repo",
        "git@example.com:team/repo.git",
        "example.com:repo",
        "git@[::1]:repo",
        "/srv/my repositories/repo",
    ],
)
def test_usual_urls_stay_as_they_are(url: str) -> None:
    assert checked_repository_url(url) == url


def test_scheme_is_lower_cased_and_home_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert checked_repository_url("HTTPS://example.com/Repo") == "https://example.com/Repo"
    assert checked_repository_url("~/repo") == "/home/ada/repo"


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "repo",
        "./repo",
        "-uhttps://example.com/x",
        "--upload-pack=touch /tmp/x",
        "ext::sh -c true",
        "EXT::sh",
        "fd::17",
        "::x",
        "https::https://example.com/x",
        "-oProxyCommand=true:x",
        "git@-oProxyCommand=true:x",
        "ssh://-oProxyCommand=true/x",
        "ssh://-o@example.com/x",
        "git@example.com:-x",
        "ftp://example.com/repo",
        "javascript://example.com/x",
        "https://",
        "https:///repo",
        "https://example.com",
        "https://example.com:port/repo",
        "https://example.com/repo?token=1",
        "https://exa mple.com/repo",
        "https://example.com/repo\n",
        "https://example.com/\x1b[31m",
        "https://example.com/\x00",
        "file://",
        "file://elsewhere/repo",
        "~nobody-with-this-name/repo",
    ],
)
def test_unsafe_and_unusable_urls_are_refused(url: str) -> None:
    with pytest.raises(SourceError) as caught:
        checked_repository_url(url)
    assert caught.value.kind == "url"
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "url",
    [
        "https://ada:hunter2@example.com/repo",
        "https://hunter2@example.com:x/repo",
        "https://ada:hun/ter2@example.com/repo",
        "ssh://git:hunter2@example.com/repo",
        "ftp://ada:hunter2@example.com/repo",
        "https://ghp_hunter2@example.com/repo",
        "https://glpat-hunter2@example.com/repo",
        "https://" + "hunter2" * 6 + "@example.com/repo",
        "ada:hunter2@example.com/repo with blank",
    ],
)
def test_credentials_are_refused_and_never_repeated(url: str) -> None:
    with pytest.raises(SourceError) as caught:
        checked_repository_url(url)
    assert "ter2" not in str(caught.value)


@given(st.text())
def test_a_url_is_accepted_or_refused_with_a_reason(text: str) -> None:
    try:
        accepted = checked_repository_url(text)
    except SourceError as error:
        assert error.kind == "url"
        return
    assert not accepted.startswith("-")
    assert "::" not in accepted.split("/")[0].replace("[::", "[")


@settings(max_examples=150, deadline=None)
@given(
    st.text(alphabet=st.sampled_from("ab/.-@{}~^:?*[\\ é\x7f\x01"), max_size=8)
    | st.sampled_from(["a.lock", "a.lock/b", "HEAD", "refs/heads/x", "@", "a/HEAD", "feature/é", "x.lockx"])
)
def test_branch_names_follow_git(name: str) -> None:
    git = subprocess.run(["git", "check-ref-format", "--branch", name], capture_output=True)
    # git expands @{-1} from the history of a work tree; a name it is not.
    expected = git.returncode == 0 and git.stdout.decode().strip("\n") == name
    try:
        accepted = checked_branch(name) == name
    except SourceError as error:
        assert error.kind == "branch"
        accepted = False
    assert accepted == expected
