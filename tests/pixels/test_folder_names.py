import pytest

from napari_cellib.pixels.folder_names import folder_names, is_folder_of


def test_plain_names_are_kept():
    names = ["nuclei", "cells_2", "a.b-c"]
    assert folder_names(names) == {name: name for name in names}


@pytest.mark.parametrize(
    "name", ["../x", "a/b", "a\\b", ".", "..", "", "🧬", "__x", "con", "NUL.txt",
             "x" * 300, "a\nb", "Zellkern ä"],
)  # fmt: skip
def test_a_folder_is_safe_on_every_system(tmp_path, name):
    (folder,) = folder_names([name]).values()

    (tmp_path / folder).mkdir()
    assert [path.name for path in tmp_path.iterdir()] == [folder]
    assert folder.isascii()
    assert not folder.startswith((".", "__"))
    assert len(folder) < 100
    assert is_folder_of(folder, name)


def test_folders_differ_also_where_large_and_small_letters_are_the_same():
    folders = folder_names(["Cells", "cells", "cells-2", "🧬", "🦠"])

    assert len({folder.casefold() for folder in folders.values()}) == 5
    assert all(is_folder_of(folder, name) for name, folder in folders.items())


def test_what_another_program_called_a_folder_is_not_mistaken():
    assert not is_folder_of("nuclei", "/labels/nuclei")
    assert not is_folder_of("nuclei", "")
