"""What is said about a release."""

from pandium_tui.storage.records import Release
from pandium_tui.widgets.facts import Fact
from pandium_tui.widgets.when import NOTHING, When, phase_words

COMMIT_CHARACTERS = 12


def facts_of(release: Release, when: When) -> list[Fact]:
    """The facts of a release, a line each."""
    facts = [
        ("Release", status_words(release)),
        ("Commit", commit_words(release)),
        ("From", f"{release.branch or 'the default branch'}, {release.path or 'PANDIUM.yaml in the root'}"),
        ("Base", f"{release.base or NOTHING} → {release.toolchain}" if release.toolchain else release.base or NOTHING),
        ("Build", release.build_command or NOTHING),
        ("Run", release.run_command or NOTHING),
        ("Asked for", f"{when.both(release.created_date)} by {release.started_by}"),
        ("Built", _built(release, when)),
        ("Used by", "1 tenant" if release.tenants == 1 else f"{release.tenants} tenants"),
    ]
    if release.isolation:
        facts.insert(4, ("Isolation", release.isolation))
    if release.retired_date:
        facts.insert(1, ("Files", f"! removed {when.both(release.retired_date)}: nothing could use them any more"))
    if release.reason:
        facts.insert(1, ("Reason", release.reason))
    if release.warnings:
        more = f" (and {len(release.warnings) - 1} more)" if len(release.warnings) > 1 else ""
        facts.insert(1, ("Warning", f"! {release.warnings[0]}{more}"))
    return facts


def _built(release: Release, when: When) -> str:
    if release.started_date is None:
        return NOTHING
    return f"{when.moment(release.started_date)}, {when.lasted(release.started_date, release.completed_date)}"


def status_words(release: Release) -> str:
    """Name, tag, status, and whether it is the default or the latest one."""
    words = [release.name]
    if release.tag:
        words.append(f"({release.tag})")
    words.append(phase_words(release.status))
    if release.cancel_requested_by and release.completed_date is None:
        words.append(f"asked to stop by {release.cancel_requested_by}")
    marks = [word for word, holds in (("default", release.is_default), ("latest", release.is_latest)) if holds]
    return "  ".join([*words, *([", ".join(marks)] if marks else [])])


def commit_words(release: Release) -> str:
    """The short commit and its subject."""
    if release.commit is None:
        return "not looked up yet"
    return f"{release.commit[:COMMIT_CHARACTERS]} {release.commit_subject or ''}".rstrip()
