from __future__ import annotations

import os

import pytest

from napari_cellib.archives.answers import Answers

URL = "https://example.org/rest/1"
TAGGED = {"etag": '"1"'}


@pytest.fixture
def answers(tmp_path):
    return Answers(tmp_path / "answers", 1_000)


def test_an_answer_is_known_with_that_by_which_it_is_asked_for_again(answers):
    answers.keep(URL, {"etag": 'W/"1"', "last-modified": "Mon"}, b"a\nb\n")

    known = answers.known(URL)
    assert known.body == b"a\nb\n"
    assert known.conditions() == {"If-None-Match": 'W/"1"', "If-Modified-Since": "Mon"}
    assert answers.known(f"{URL}2") is None


@pytest.mark.parametrize(
    "headers", [{}, {"etag": '"1"', "cache-control": "private, No-Store"}]
)
def test_what_cannot_be_asked_for_again_or_must_not_be_kept_is_not(answers, headers):
    answers.keep(URL, headers, b"a")

    assert answers.known(URL) is None


def test_the_answers_not_used_for_longest_make_room(answers, tmp_path):
    for number in range(8):
        answers.keep(f"{URL}{number}", TAGGED, bytes(90))
        for path in (tmp_path / "answers").iterdir():
            os.utime(path, ns=(0, path.stat().st_mtime_ns - 10**9))
        assert answers.known(f"{URL}0")

    known = [number for number in range(8) if answers.known(f"{URL}{number}")]
    size = sum(path.stat().st_size for path in (tmp_path / "answers").iterdir())
    assert size <= 1_000
    assert known[0] == 0
    assert known[-1] == 7
    assert len(known) < 8


def test_an_answer_that_would_fill_the_folder_is_not_kept(answers):
    answers.keep(URL, TAGGED, bytes(101))

    assert answers.known(URL) is None


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b"[]\nbody", b"7\n"])
def test_a_damaged_answer_is_not_known(answers, tmp_path, content):
    answers.keep(URL, TAGGED, b"body")
    (path,) = (tmp_path / "answers").iterdir()
    path.write_bytes(content)

    assert answers.known(URL) is None


def test_an_answer_cut_short_is_not_known(answers, tmp_path):
    answers.keep(URL, TAGGED, b"body")
    (path,) = (tmp_path / "answers").iterdir()
    path.write_bytes(path.read_bytes()[:-1])

    assert answers.known(URL) is None


def test_a_folder_that_cannot_be_written_is_no_trouble(tmp_path):
    (tmp_path / "answers").write_text("a file in its place")
    answers = Answers(tmp_path / "answers")

    answers.keep(URL, TAGGED, b"body")

    assert answers.known(URL) is None
