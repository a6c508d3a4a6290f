"""The vault: what is sealed opens in its own place only, and nothing else shows it."""

import base64
import copy
import json
import pickle
import sqlite3
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pandium_tui.settings import Settings
from pandium_tui.storage.database import Store, open_store
from pandium_tui.storage.tables import SealedValueRow
from pandium_tui.storage.vault import BrokenSecretError, MissingSecretError, SealContext, Secret, VaultLockedError
from pandium_tui.storage.vault.keyring import Keyring
from pandium_tui.storage.vault.sealing import Key, NotOpenedError, opened_value, sealed_value
from tests.storage.sealing import CONTEXT, OTHER_OWNER, OWNER, change, rotate, seal, vault_of

CANARY = "canary-5d0c7a1e-do-not-show"


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_a_secret_comes_back_whatever_it_holds(text: str) -> None:
    key = Key.new()
    blob = sealed_value(key, CONTEXT, 1, Secret(text))
    assert opened_value(key, CONTEXT, 1, blob).reveal() == text


contexts = st.builds(
    SealContext,
    st.sampled_from(["global", "tenant", "account"]),
    *[st.text(alphabet="ab1", max_size=3)] * 3,
)


@given(contexts, contexts, st.integers(1, 3), st.integers(1, 3))
def test_only_the_very_same_context_opens(one: SealContext, other: SealContext, first: int, second: int) -> None:
    key = Key.new()
    blob = sealed_value(key, one, first, Secret(CANARY))
    if (one, first) == (other, second):
        assert opened_value(key, other, second, blob) == Secret(CANARY)
    else:
        with pytest.raises(NotOpenedError):
            opened_value(key, other, second, blob)


def test_every_flipped_bit_of_a_blob_is_refused() -> None:
    key = Key.new()
    blob = sealed_value(key, CONTEXT, 1, Secret("x" * 16))
    assert len(blob) == 33 + 16
    for position in range(len(blob) * 8):
        changed = bytearray(blob)
        changed[position // 8] ^= 1 << position % 8
        with pytest.raises(NotOpenedError):
            opened_value(key, CONTEXT, 1, bytes(changed))
    for length in range(len(blob)):
        with pytest.raises(NotOpenedError):
            opened_value(key, CONTEXT, 1, blob[:length])


def test_every_changed_byte_in_the_store_breaks_that_value_only(store: Store) -> None:
    seal(store, CANARY)
    seal(store, "another", replace(CONTEXT, field="other"))
    vault = vault_of(store)
    [(blob,)] = change(store, "SELECT blob FROM sealed_value WHERE field = 'token'")
    for position in range(len(blob)):
        changed = bytearray(blob)
        changed[position] ^= 0x55
        change(store, "UPDATE sealed_value SET blob = ? WHERE field = 'token'", bytes(changed))
        with pytest.raises(BrokenSecretError, match=f"token of {OWNER} cannot be opened") as caught:
            vault.open(CONTEXT)
        assert caught.value.context == CONTEXT
    status = vault.status()
    assert (status.state, status.values, status.broken) == ("ok", 2, (CONTEXT,))
    assert [field.name for field in vault.fields(OWNER)] == ["other", "token"]
    assert vault.open(replace(CONTEXT, field="other")) == Secret("another")
    seal(store, "entered again")
    assert vault.open(CONTEXT).reveal() == "entered again"
    assert vault.status().broken == ()


@pytest.mark.parametrize("part", [{"scope": "global"}, {"tenant_id": "8"}, {"scope": "global", "tenant_id": ""}])
def test_a_value_does_not_open_for_another_place(store: Store, part: dict[str, str]) -> None:
    seal(store, CANARY)
    with pytest.raises(BrokenSecretError):
        vault_of(store).open(replace(CONTEXT, **part))  # type: ignore[arg-type]


@pytest.mark.parametrize("part", [{"owner": OTHER_OWNER}, {"field": "password"}])
def test_a_value_moved_in_the_store_does_not_open(store: Store, part: dict[str, str]) -> None:
    seal(store, CANARY)
    seal(store, "mine", other := replace(CONTEXT, **part))  # type: ignore[arg-type]
    change(
        store,
        "UPDATE sealed_value SET blob = (SELECT blob FROM sealed_value WHERE owner = ? AND field = 'token')"
        " WHERE owner = ? AND field = ?",
        OWNER,
        other.owner,
        other.field,
    )
    with pytest.raises(BrokenSecretError):
        vault_of(store).open(other)
    assert vault_of(store).status().broken == (other,)


def test_an_older_value_put_back_does_not_open(store: Store) -> None:
    seal(store, "old")
    [(old,)] = change(store, "SELECT blob FROM sealed_value")
    seal(store, "new")
    change(store, "UPDATE sealed_value SET blob = ?", old)
    with pytest.raises(BrokenSecretError):
        vault_of(store).open(CONTEXT)


def test_what_was_never_entered_is_missing(store: Store) -> None:
    with pytest.raises(MissingSecretError, match=f"token of {OWNER}"):
        vault_of(store).open(CONTEXT)
    seal(store, CANARY)
    with pytest.raises(MissingSecretError):
        vault_of(store).open(replace(CONTEXT, owner=OTHER_OWNER))


def test_fields_are_told_without_the_key(store: Store, settings: Settings) -> None:
    seal(store, "one")
    seal(store, "one", replace(CONTEXT, field="same"))
    seal(store, "two", replace(CONTEXT, field="other"))
    seal(store, "three", replace(CONTEXT, owner=OTHER_OWNER))
    settings.vault_key_file.unlink()
    other, same, token = vault_of(store).fields(OWNER)
    assert [field.name for field in (other, same, token)] == ["other", "same", "token"]
    assert token.fingerprint == same.fingerprint != other.fingerprint
    assert len(token.fingerprint) == 6
    assert token.set_date <= same.set_date <= other.set_date


def test_a_blob_of_before_a_value_was_forgotten_does_not_open_after_it_is_sealed_again(store: Store) -> None:
    seal(store, "the old one")
    with sqlite3.connect(store.file) as database:
        [(old,)] = database.execute("SELECT blob FROM sealed_value").fetchall()
    with store.writing() as session:
        vault_of(store).forget(session, OWNER)
    seal(store, "the new one")
    with sqlite3.connect(store.file) as database:
        database.execute("UPDATE sealed_value SET blob = ?", (old,))
    assert len(vault_of(store).status().broken) == 1


def test_emptying_the_log_leaves_nothing_of_what_was_sealed(store: Store) -> None:
    seal(store, "a value")
    with sqlite3.connect(store.file) as database:
        [(blob,)] = database.execute("SELECT blob FROM sealed_value").fetchall()
    with store.writing() as session:
        vault_of(store).forget(session, OWNER)
    store.truncate_log()
    assert not any(blob in file.read_bytes() for file in store.file.parent.glob(f"{store.file.name}*"))


def test_emptying_the_log_waits_for_nobody(store: Store) -> None:
    with store.writing() as session:
        vault_of(store).seal(session, CONTEXT, Secret("one"))
        store.truncate_log()


def test_fingerprints_outlive_a_rotation_and_differ_between_installations(
    store: Store, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    seal(store, "one")
    [before] = vault_of(store).fields(OWNER)
    rotate(store)
    assert vault_of(store).fields(OWNER) == [before]
    seal(store, "one")
    [again] = vault_of(store).fields(OWNER)
    assert (again.fingerprint, again.revision) == (before.fingerprint, before.revision + 1)
    elsewhere = open_store(replace(settings, home=tmp_path_factory.mktemp("other") / "home"))
    seal(elsewhere, "one")
    assert vault_of(elsewhere).fields(OWNER)[0].fingerprint != before.fingerprint
    elsewhere.close()


def test_forgetting_is_for_one_owner(store: Store) -> None:
    seal(store, "one")
    seal(store, "two", replace(CONTEXT, field="other"))
    seal(store, "three", theirs := replace(CONTEXT, owner=OTHER_OWNER))
    with store.writing() as session:
        vault_of(store).forget(session, OWNER)
    assert vault_of(store).fields(OWNER) == []
    assert vault_of(store).open(theirs).reveal() == "three"


def test_a_transaction_that_fails_seals_nothing(store: Store) -> None:
    seal(store, "kept")
    with pytest.raises(ZeroDivisionError), store.writing() as session:
        vault_of(store).seal(session, CONTEXT, Secret("lost"))
        raise ZeroDivisionError
    assert vault_of(store).open(CONTEXT).reveal() == "kept"


def test_the_value_is_in_no_file(store: Store, settings: Settings) -> None:
    seal(store, CANARY)
    rotate(store)
    seal(store, CANARY)  # the rotation has emptied the log
    raw = CANARY.encode()
    inner_base64 = base64.b64encode(raw[: len(raw) // 3 * 3])
    places = [file for file in settings.home.parent.rglob("*") if file.is_file()]
    assert any(file.name.endswith("-wal") and file.stat().st_size for file in places)
    for file in places:
        content = file.read_bytes()
        for form in (raw, inner_base64, raw.hex().encode(), CANARY.encode("utf-16-le")):
            assert form not in content, file


def test_neither_errors_nor_rows_show_the_value(store: Store) -> None:
    seal(store, CANARY)
    with store.writing() as session:
        shown = repr(session.get_one(SealedValueRow, 1))
    change(store, "UPDATE sealed_value SET revision = 9")
    with pytest.raises(BrokenSecretError) as broken:
        vault_of(store).open(CONTEXT)
    assert CANARY not in shown + repr(broken.value) + str(vault_of(store).status())


def test_a_secret_hides_itself() -> None:
    secret = Secret(CANARY)
    shown = f"{secret} {secret!r} {secret:>40} {[secret]} %s" % secret + json.dumps({"a": secret}, default=str)
    assert CANARY not in shown
    assert not hasattr(secret, "__dict__")
    for copying in (pickle.dumps, copy.copy, copy.deepcopy, json.dumps, hash):
        with pytest.raises(TypeError) as caught:
            copying(secret)  # type: ignore[operator]
        assert CANARY not in str(caught.value)


def test_secrets_compare_by_value_with_secrets_only() -> None:
    assert Secret("ü\ud800") == Secret("ü\ud800")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"


def test_keys_do_not_show_themselves() -> None:
    key = Key(b"k" * 32)
    assert "kkk" not in repr(key)


def test_a_look_at_some_owners_opens_only_theirs(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    others = replace(CONTEXT, owner=OTHER_OWNER)
    seal(store, "one")
    seal(store, "two", others)
    change(store, "UPDATE sealed_value SET revision = revision + 1")
    opened: list[SealContext] = []
    opens = Keyring.opens
    monkeypatch.setattr(Keyring, "opens", lambda ring, value: (opened.append(value.context), opens(ring, value))[1])
    status = vault_of(store).status({OWNER})
    assert (status.state, status.values, status.broken) == ("ok", 2, (CONTEXT,))
    assert opened == [CONTEXT]
    assert vault_of(store).status(()).broken == ()
    assert set(vault_of(store).status().broken) == {CONTEXT, others}
    change(store, "DELETE FROM keyring")
    assert vault_of(store).status(()).state == "locked"


def test_a_lost_keyring_locks_and_makes_no_new_key(store: Store) -> None:
    seal(store, CANARY)
    change(store, "DELETE FROM keyring")
    with pytest.raises(VaultLockedError, match="keyring is missing or damaged"):
        vault_of(store).open(CONTEXT)
    with pytest.raises(VaultLockedError):
        seal(store, "new")
    assert vault_of(store).status().state == "locked"
    assert change(store, "SELECT count(*) FROM keyring") == [(0,)]


@pytest.mark.parametrize("column", ["wrapped", "check_value"])
def test_every_changed_byte_of_the_keyring_locks(store: Store, column: str) -> None:
    seal(store, CANARY)
    vault = vault_of(store)
    [(content,)] = change(store, f"SELECT {column} FROM keyring")
    for position in range(len(content)):
        changed = bytearray(content)
        changed[position] ^= 0x55
        change(store, f"UPDATE keyring SET {column} = ?", bytes(changed))
        assert vault.status().state in ("locked", "mismatch"), position
        with pytest.raises(VaultLockedError):
            vault.open(CONTEXT)
    change(store, f"UPDATE keyring SET {column} = ?", content)
    assert vault.open(CONTEXT).reveal() == CANARY
