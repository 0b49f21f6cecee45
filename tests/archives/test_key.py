from __future__ import annotations

import os
import stat

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail
from keyring.errors import KeyringLocked, PasswordDeleteError
from pydantic import SecretStr

from napari_cellib.archives.cil.key import (
    ENVIRONMENT,
    Key,
    find_key,
    forget_key,
    key_file,
    save_key,
)
from napari_cellib.errors import KeyNeeded
from napari_cellib.settings import Settings

KEY = Key("ann", "open:sésame")


class Memory(KeyringBackend):
    """A store of passwords that is gone after the test."""

    priority = 1

    def __init__(self):
        super().__init__()
        self.kept = {}

    def get_password(self, service, username):
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self.kept[service, username] = password

    def delete_password(self, service, username):
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError


class Locked(Memory):
    """A store that a person would have to open first."""

    def get_password(self, service, username):
        raise KeyringLocked

    set_password = delete_password = get_password


@pytest.fixture
def use_store():
    """Return what sets the computer's store of passwords; else there is none."""
    yield keyring.set_keyring
    keyring.set_keyring(fail.Keyring())


@pytest.fixture
def store(use_store):
    """Return a store of passwords that works."""
    memory = Memory()
    use_store(memory)
    return memory


def pair(key):
    return key.user, key.password


def test_without_a_key_none_is_found(settings):
    assert find_key(settings) is None
    assert forget_key(settings) == ()


def test_a_key_is_kept_in_the_store_of_passwords(settings, store):
    where = save_key(settings, KEY)

    assert "store of passwords" in where
    assert store.kept == {("napari-cellib", "cil"): "ann:open:sésame"}
    assert not key_file(settings).exists()
    assert pair(find_key(settings)) == pair(KEY)
    assert forget_key(settings) == (where,)
    assert store.kept == {}
    assert find_key(settings) is None


def test_without_a_store_a_key_is_kept_in_a_file_for_nobody_else(settings, use_store):
    use_store(fail.Keyring())

    where = save_key(settings, KEY)

    path = key_file(settings)
    assert str(path) in where
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert pair(find_key(settings)) == pair(KEY)
    assert find_key(settings).origin == where
    assert forget_key(settings) == (where,)
    assert find_key(settings) is None
    assert list(path.parent.iterdir()) == []


def test_a_store_that_is_locked_is_passed_over(settings, use_store):
    use_store(Locked())

    assert "file" in save_key(settings, KEY)
    assert pair(find_key(settings)) == pair(KEY)


def test_a_new_key_takes_the_place_of_the_one_in_the_file(settings, use_store):
    use_store(fail.Keyring())
    save_key(settings, Key("bob", "old"))
    save_key(settings, KEY)
    assert pair(find_key(settings)) == pair(KEY)

    use_store(Memory())
    save_key(settings, Key("eve", "newest"))

    assert not key_file(settings).exists()
    assert find_key(settings).user == "eve"


def test_the_environment_comes_first(store, tmp_path):
    environment = {"CELLIB_DATA": str(tmp_path), ENVIRONMENT: "bob:secret"}
    settings = Settings.load(environment)
    save_key(settings, KEY)

    assert pair(find_key(settings)) == ("bob", "secret")
    assert find_key(settings).origin == ENVIRONMENT


@pytest.mark.skipif(os.name != "posix", reason="asks about rights of files as on Unix")
def test_a_file_that_others_may_read_is_not_trusted(settings, use_store):
    use_store(fail.Keyring())
    save_key(settings, KEY)
    key_file(settings).chmod(0o640)

    with pytest.raises(KeyNeeded, match="others on this computer") as caught:
        find_key(settings)
    assert f"chmod 600 '{key_file(settings)}'" in caught.value.fix


@pytest.mark.parametrize("text", ["", "ann", ":word", "ann:", "\n"])
def test_what_is_no_key_is_told_without_being_shown(settings, use_store, text):
    use_store(fail.Keyring())
    save_key(settings, KEY)
    key_file(settings).write_text(f"{text}")

    with pytest.raises(KeyNeeded, match="form user:password"):
        find_key(settings)


def test_a_file_that_is_no_text_is_told(settings, use_store):
    use_store(fail.Keyring())
    save_key(settings, KEY)
    key_file(settings).write_bytes(b"\xff:\xff")

    with pytest.raises(KeyNeeded, match="cannot be read"):
        find_key(settings)


def test_where_nothing_can_be_written_another_way_is_named(settings, use_store):
    use_store(fail.Keyring())
    settings.data_folder.write_text("a file in its place")

    with pytest.raises(KeyNeeded, match="cannot be kept") as caught:
        save_key(settings, KEY)
    assert ENVIRONMENT in caught.value.fix


def test_neither_a_key_nor_settings_show_the_password(settings):
    hosts = settings.cil.model_copy(update={"key": SecretStr("ann:sesame")})
    settings = settings.model_copy(update={"cil": hosts})

    told = (
        f"{settings!r} {settings} {settings.model_dump_json()} {find_key(settings)!r}"
    )

    assert "sesame" not in told
    assert "ann" in told  # the name is no secret


def test_a_key_that_is_wrong_is_set_anew_where_it_came_from():
    kept, given = Key("me", "word"), Key("me", "word", ENVIRONMENT)

    assert "cellib library key cil" in kept.fix
    assert given.fix.startswith(f"Correct {ENVIRONMENT}")  # else it would come first
