"""Searches that a person has saved."""

from __future__ import annotations

import threading

import pytest

from napari_cellib.viewmodels.saved_searches import SavedSearches, name_of
from napari_cellib.viewmodels.search import SearchModel

LINK = "cellib://search?q=actin"


@pytest.fixture
def saved(tmp_path):
    return SavedSearches(tmp_path / "searches")


def names(saved):
    return [one.name for one in saved.all()]


def test_nothing_is_saved_at_first_and_nothing_is_made(saved, tmp_path):
    assert saved.all() == ()
    assert not (tmp_path / "searches").exists()


def test_what_is_saved_is_there_for_the_next_session(saved, tmp_path):
    saved.save("  Actin  in\nHeLa ", LINK)
    saved.save("alpha", LINK)

    again = SavedSearches(tmp_path / "searches")
    assert names(again) == ["Actin in HeLa", "alpha"]
    assert again.all()[0].link == LINK


def test_a_search_of_the_same_name_takes_its_place(saved):
    saved.save("mine", LINK)
    saved.save("mine", "cellib://search?q=tubulin")

    (one,) = saved.all()
    assert one.link.endswith("tubulin")


@pytest.mark.parametrize(
    "name", ["../up", "a/b\\c:d", "🔬 خلية", "<b>x</b>", "x" * 500]
)
def test_a_name_may_be_anything(saved, tmp_path, name):
    saved.save(name, LINK)

    assert names(saved) == [name if len(name) < 80 else f"{'x' * 79}…"]
    assert len(list((tmp_path / "searches").iterdir())) == 1


def test_a_search_is_renamed_and_removed(saved):
    saved.save("one", LINK)
    saved.save("two", LINK)

    saved.rename("one", "three")
    saved.rename("two", " ")
    saved.rename("two", "three")
    assert names(saved) == ["three", "two"]

    saved.remove("two")
    saved.remove("two")
    assert names(saved) == ["three"]


def test_files_that_are_no_searches_are_passed_over(saved, tmp_path):
    saved.save("good", LINK)
    for number, content in enumerate(
        [b"", b"[]", b"{}", b"\xff", b'{"name": 1, "link": 2}',
         b'{"name": "x", "link": "file:///etc/passwd"}']
    ):  # fmt: skip
        (tmp_path / "searches" / f"{number}.json").write_bytes(content)

    assert names(saved) == ["good"]


def test_two_programs_that_save_at_the_same_time_lose_nothing(tmp_path):
    def work(number):
        mine = SavedSearches(tmp_path / "searches")
        for count in range(10):
            mine.save(f"{number}-{count}", LINK)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(SavedSearches(tmp_path / "searches").all()) == 40


def test_a_search_is_called_by_its_words_and_filters(libraries):
    model = SearchModel(libraries)
    assert name_of(model) == "All images"

    model.set_text("HeLa")
    model.follow("cellib://search?q=HeLa&kind=still")
    assert name_of(model) == "HeLa · still"
