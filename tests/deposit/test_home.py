from __future__ import annotations

from contextlib import closing

import pytest

from napari_cellib.archives import importing
from napari_cellib.demo import images
from napari_cellib.deposit.home import open_home, own_libraries
from napari_cellib.deposit.own import FILLED, OWN_ID, OWN_NAME
from napari_cellib.errors import DepositRefused, LibraryNotFound
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.library.handles import user_members
from napari_cellib.settings import Settings


@pytest.fixture
def settings(tmp_path):
    return Settings(data_folder=tmp_path)


def make(settings, name):
    folder = settings.libraries_folder / name
    EmbeddedLibrary.create(folder, id=name, name=name).close()


def test_the_only_library_of_ones_own_is_taken(settings):
    make(settings, "demo")
    make(settings, "lab")

    assert own_libraries(settings) == ("lab",)
    with closing(open_home(settings)) as library:
        assert library.info.id == "lab"


def test_of_several_the_default_one_is_taken_or_one_must_be_named(settings):
    make(settings, "lab")
    make(settings, "mine")
    with pytest.raises(DepositRefused, match="which library") as caught:
        open_home(settings)
    assert "lab, mine" in caught.value.fix

    chosen = settings.model_copy(update={"default_library": "mine"})
    with closing(open_home(chosen)) as library:
        assert library.info.id == "mine"


def test_without_any_it_is_told_how_to_make_one(settings):
    with pytest.raises(DepositRefused, match="no library of your own") as caught:
        open_home(settings)
    assert "--create" in caught.value.fix

    with pytest.raises(LibraryNotFound) as caught:
        open_home(settings, "lab")
    assert "--create" in caught.value.fix


def test_it_is_made_once_and_opened_then(settings):
    for _ in range(2):
        with closing(open_home(settings, "My Lab", create=True)) as library:
            assert (library.info.id, library.info.name) == ("my-lab", "My Lab")


def test_names_in_any_letters_become_libraries_of_their_own(settings):
    names = ["細胞", "組織", "Zellen", "Demo", "mine"]
    made = [open_home(settings, name, create=True) for name in names]
    for library in made:
        library.close()

    assert len({library.info.id for library in made} | {"demo"}) == 6
    assert {one.name for one in user_members(settings)} == set(names)


def test_a_folder_may_be_named(settings, tmp_path):
    folder = tmp_path / "elsewhere" / "lab"
    open_home(settings, str(folder), create=True).close()
    with closing(open_home(settings, str(folder))) as library:
        assert library.folder == folder


@pytest.mark.parametrize("name", ["demo", "cil"])
def test_nobody_deposits_into_a_library_that_a_program_fills(settings, name):
    with pytest.raises(DepositRefused, match="filled by a program"):
        open_home(settings, name, create=True)


def test_the_first_library_needs_no_name(settings):
    with closing(open_home(settings, create=True)) as library:
        assert library.info.name == OWN_NAME
    with closing(open_home(settings)) as again:
        assert again.info.id == OWN_ID


def test_where_no_library_can_be_made_is_told(settings, tmp_path):
    (tmp_path / "file").write_text("no folder")

    with pytest.raises(DepositRefused, match="no library can be made"):
        open_home(settings, str(tmp_path / "file" / "lab"), create=True)


def test_libraries_that_programs_fill_are_known():
    assert {importing.LIBRARY_ID, images.LIBRARY_ID} == FILLED
