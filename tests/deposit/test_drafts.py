from __future__ import annotations

import json
import os
import subprocess
import sys
import threading

import pytest

from napari_cellib.deposit.draft import Draft, Origin
from napari_cellib.deposit.drafts import Drafts, filled_by, read_template
from napari_cellib.errors import DraftNotFound, DraftUnreadable, LibraryReadOnly
from napari_cellib.model import Licence
from napari_cellib.profile import Profile


@pytest.fixture
def drafts(tmp_path):
    return Drafts(tmp_path / "drafts")


def test_a_draft_is_found_again_as_it_was(drafts):
    saved = drafts.save(Draft(title="Wing ", embargo_until="so")).draft

    assert Drafts(drafts._folder).open(saved.id) == saved
    assert (saved.version, saved.title) == (1, "Wing ")


def test_drafts_are_listed_the_last_saved_first(drafts):
    one = drafts.save(Draft(title="one")).draft
    drafts.save(Draft(title="two"))
    drafts.save(one.typed(title="one, changed"))

    assert [saved.title for saved in drafts.all()] == ["one, changed", "two"]


def test_there_are_none_before_the_first(drafts):
    assert drafts.all() == ()
    assert drafts.profile == Profile()


def test_a_deleted_draft_is_gone(drafts):
    saved = drafts.save(Draft(title="one")).draft
    drafts.delete(saved.id)
    drafts.delete(saved.id)

    assert drafts.all() == ()
    with pytest.raises(DraftNotFound):
        drafts.open(saved.id)


def test_no_id_leads_out_of_the_folder(drafts):
    for name in ("../secret", "profile", ""):
        for ask in (drafts.open, drafts.delete):
            with pytest.raises(DraftNotFound):
                ask(name)


def test_the_later_of_two_writers_is_told_and_goes_on_with_a_copy(drafts):
    first = drafts.save(Draft(title="draft")).draft
    elsewhere = drafts.open(first.id)

    drafts.save(first.typed(title="from here"))
    saving = drafts.save(elsewhere.typed(title="from elsewhere"))

    assert saving.is_copy
    assert saving.draft.id != first.id
    assert drafts.open(first.id).title == "from here"
    assert drafts.open(saving.draft.id).title == "from elsewhere"
    again = drafts.save(saving.draft.typed(title="and on"))
    assert not again.is_copy


def test_many_writers_at_once_lose_nothing(drafts):
    start = drafts.save(Draft(title="start")).draft
    titles = [f"writer {number}" for number in range(8)]
    writers = [
        threading.Thread(target=drafts.save, args=(start.typed(title=title),))
        for title in titles
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert sorted(saved.title for saved in drafts.all()) == titles


def test_a_draft_that_was_deleted_elsewhere_is_saved_again(drafts):
    saved = drafts.save(Draft(title="kept")).draft
    drafts.delete(saved.id)

    assert not drafts.save(saved).is_copy
    assert [one.title for one in drafts.all()] == ["kept"]


def test_a_killed_program_leaves_the_draft_as_it_was_last_saved(drafts):
    code = (
        "import os, sys; from pathlib import Path\n"
        "from napari_cellib.deposit.draft import Draft\n"
        "from napari_cellib.deposit.drafts import Drafts\n"
        "drafts, draft = Drafts(Path(sys.argv[1])), Draft()\n"
        "for n in range(5):\n"
        "    draft = drafts.save(draft.typed(title=f'typed {n}')).draft\n"
        "os.replace = lambda *_: os._exit(9)\n"
        "drafts.save(draft.typed(title='not acknowledged'))\n"
    )
    command = [sys.executable, "-c", code, str(drafts._folder)]
    assert subprocess.run(command, check=False).returncode == 9

    (saved,) = drafts.all()
    assert drafts.open(saved.id).title == "typed 4"


def test_a_damaged_or_newer_draft_is_listed_and_never_written_over(drafts):
    saved = drafts.save(Draft(title="fine")).draft
    path = drafts._folder / f"{saved.id}.json"
    newer = json.loads(path.read_bytes()) | {"format": 2}
    for content in (b'{"format": 1, "dra', json.dumps(newer).encode()):
        path.write_bytes(content)

        (listed,) = drafts.all()
        assert "cannot be read" in listed.problem
        with pytest.raises(DraftUnreadable):
            drafts.open(saved.id)
        copy = drafts.save(saved)
        assert copy.is_copy
        assert path.read_bytes() == content
        drafts.delete(copy.draft.id)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs file rights")
def test_a_folder_that_cannot_be_written_is_told(drafts):
    drafts._folder.parent.chmod(0o500)
    try:
        with pytest.raises(LibraryReadOnly):
            drafts.save(Draft())
    finally:
        drafts._folder.parent.chmod(0o700)


def test_the_profile_is_remembered_and_fills_only_what_is_empty(drafts):
    profile = Profile(
        name="Doe, Jane", orcid="0000-0002-1825-0097", licence=Licence(spdx="CC0-1.0")
    )
    drafts.remember(profile)

    filled = filled_by(drafts.profile, Draft().typed(licence=Licence(spdx="CC-BY-4.0")))
    assert filled.contributors[0].orcid == "0000-0002-1825-0097"
    assert filled.licence.spdx == "CC-BY-4.0"
    assert filled.origins["contributors"] is Origin.PROFILE
    assert drafts.all() == ()


def test_a_damaged_profile_is_as_good_as_none(drafts):
    drafts.remember(Profile(name="Doe"))
    (drafts._folder / "profile.json").write_text("{")

    assert drafts.profile == Profile()


def test_a_template_is_a_saved_draft_or_its_fields(drafts, tmp_path):
    saved = drafts.save(Draft(instrument="Our confocal")).draft
    by_hand = tmp_path / "lab.json"
    by_hand.write_text('{"instrument": "Our confocal"}')

    for path in (drafts._folder / f"{saved.id}.json", by_hand):
        assert Draft().filled_by(read_template(path)).instrument == "Our confocal"


@pytest.mark.parametrize("content", ["{", "[]", '{"instrumnt": "x"}', '{"draft": 1}'])
def test_what_is_no_template_is_refused(tmp_path, content):
    (tmp_path / "lab.json").write_text(content)

    with pytest.raises(DraftUnreadable, match=r"lab\.json"):
        read_template(tmp_path / "lab.json")
    with pytest.raises(DraftUnreadable, match="other"):
        read_template(tmp_path / "other.json")


def test_half_of_a_character_does_not_keep_a_draft_from_being_saved(drafts):
    draft = Draft().typed(title="cell \ud83d")

    assert drafts.open(drafts.save(draft).draft.id).title == "cell ?"
