"""What is said of a subject with many regions: what holds, waits and is undone."""

from __future__ import annotations

import random

import numpy as np
from tests.viewmodels.annotating.conftest import a_region

from napari_cellib.annotate import saying
from napari_cellib.annotate.saying import Speaker
from napari_cellib.jobs import drive
from napari_cellib.model import Term, TermField
from napari_cellib.model.statement import RegionShape, Statements
from napari_cellib.viewmodels.annotating.flags import flags_job
from napari_cellib.viewmodels.annotating.keeping import Documents, read_kept
from napari_cellib.viewmodels.annotating.ledger import Ledger, keyed
from napari_cellib.viewmodels.annotating.speaking import Speaking

COMPONENT = TermField.CELLULAR_COMPONENT
JANE = Speaker("Doe, Jane")
NUCLEUS = Term(id="GO:0005634", label="nucleus")


def test_the_ledger_knows_what_holds_whatever_is_said_and_forgotten():
    dice = random.Random(4)
    said, ledger = {}, Ledger()
    for number in range(300):
        regions = Statements(**_by_kind(said.values())).regions
        act = dice.choice(("draw", "move", "delete", "say", "remark", "forget"))
        if act == "draw" or not regions:
            new = a_region(number)
        elif act == "forget":
            gone = dice.choice(list(said))
            del said[gone]
            ledger.remove([gone])
            continue
        else:
            old = dice.choice(regions)
            new = _said_of(old, act, number)
        said[new.key] = new
        ledger.add({new.key: new})

    present = Statements(**_by_kind(said.values())).present
    assert set(ledger.regions) == {one.id for one in present.regions}
    assert ledger.present().keys == present.keys
    assert ledger.everything().keys == set(said)


def _said_of(old, act, number):
    if act == "move":
        return saying.move(JANE, old, points=((2, number),))
    if act == "delete":
        return saying.retract(JANE, old)
    if act == "say":
        return saying.say(JANE, COMPONENT, NUCLEUS, region=old.id)
    return saying.remark(JANE, f"{number}", region=old.id)


def _by_kind(said):
    found = Ledger(keyed(said)).everything()
    return {
        name: getattr(found, name) for name in ("annotations", "regions", "remarks")
    }


def test_what_is_on_its_way_to_the_disk_is_read_as_if_it_were_there(load):
    book = load().book
    first, second = (saying.remark(JANE, words) for words in ("first", "second"))
    book.journal.add({first.key: first})
    book.journal.keep()
    book.journal.take_back(first.key)
    book.journal.add({second.key: second})

    assert not book.journal.is_kept
    assert list(book.journal.read()) == [second.key]
    book.journal.keep()
    assert book.journal.is_kept
    assert list(book.journal.read()) == [second.key]


def test_much_is_said_by_a_job_and_undone_in_one_step(load):
    regions = [a_region(number) for number in range(500)]
    model = load(*regions)
    speaking, jobs, touched = Speaking(model), [], []
    speaking.wanted.connect(jobs.append)
    model.changed.connect(touched.append)
    model.choose([one.id for one in regions])

    speaking.say(COMPONENT, NUCLEUS)
    assert not model.book.new  # nothing is said on the thread that draws
    speaking.remark("not yet")
    drawn = a_region(500)
    speaking.take_regions([drawn])  # the hand does not wait
    model.choose([drawn.id])
    assert model.scope == ()
    assert len(jobs) == 1
    speaking.take(drive(jobs.pop()))
    assert drawn.key in model.book.new
    assert model.scope == (drawn.id,)  # as soon as it has come

    model.choose([one.id for one in regions])
    (chip,) = model.chips(COMPONENT)
    assert (len(chip.keys), chip.note) == (500, "")
    assert touched == [frozenset(one.id for one in regions), frozenset([drawn.id])]
    speaking.undo()
    assert drawn.key not in model.book.new
    speaking.undo()
    assert not model.chips(COMPONENT)
    assert not model.book.new


def test_what_is_undone_after_it_was_saved_is_as_it_was_before(load):
    region = a_region(1)
    note = saying.say(JANE, COMPONENT, NUCLEUS, region=region.id)
    model = load(region, note)
    speaking, book = Speaking(model), model.book
    model.choose([region.id])

    def said():
        place = book.ledger.region(region.id)
        return place and (place.points, [one.words for one in model.chips(COMPONENT)])

    before = said()
    for act in (
        lambda: speaking.qualify(model.chips(COMPONENT)[0], "absent"),
        lambda: speaking.remove(model.chips(COMPONENT)[0]),
        lambda: speaking.take_regions([saying.move(JANE, region, points=((9, 9),))]),
        lambda: speaking.take_regions(
            [saying.retract(JANE, book.ledger.region(region.id))]
        ),
    ):
        act()
        assert said() != before
        book.note_written(book.ledger.snapshot())
        speaking.undo()
        model.choose([region.id])
        assert said() == before
        book.note_written(book.ledger.snapshot())


def test_a_region_that_was_moved_and_deleted_is_gone(load):
    region = a_region(1)
    model = load(region)
    speaking = Speaking(model)
    moved = saying.move(JANE, region, points=((9, 9),))
    speaking.take_regions([moved])
    speaking.take_regions([saying.retract(JANE, moved)])
    assert not model.book.ledger.regions

    drawn = a_region(2)
    speaking.take_regions([drawn])
    waiting = set(model.book.new) - {drawn.key}
    again = saying.move(JANE, drawn, points=((9, 9),))
    speaking.take_regions([again])
    speaking.take_regions([saying.retract(JANE, again)])
    assert set(model.book.new) == waiting  # nobody else has ever seen it


def test_lines_of_regions_are_found_by_their_words_and_made_anew_when_they_change(load):
    model = load(*(a_region(number) for number in range(20)))
    rows, speaking = model.loaded.rows, Speaking(model)
    assert len(rows.find("POINT")) == 20
    third = rows.ids[3]
    model.choose((third,))
    speaking.say(COMPONENT, NUCLEUS, qualifier="absent")

    assert rows.find("not nucl") == (third,)
    assert rows[third].words == "Point · not nucleus"
    speaking.take_regions([saying.retract(JANE, model.book.ledger.region(third))])
    assert not rows.find("nucl")
    assert model.scope == ()


def test_a_label_that_no_pixel_has_any_more_is_flagged_in_the_list(load):
    label = {"shape": RegionShape.LABEL, "labels": "cells", "axes": (), "points": ()}
    there, gone = a_region(1, value=1, **label), a_region(2, value=2, **label)
    model = load(there, gone)
    pixels = np.array([[0, 1], [1, 3]])

    model.take_flags(drive(flags_job(model.loaded, {"cells": pixels})))

    rows = model.loaded.rows
    assert not rows[there.id].odd
    assert rows[gone.id].words == "! Label 2 · no term yet"
    assert "no label 2 any more in cells" in rows[gone.id].odd


def test_the_history_of_a_region_tells_all_that_was_said_of_it_and_of_no_other(load):
    one, other = a_region(1), a_region(2)
    model = load(one, other)
    speaking = Speaking(model)
    for region in (one, other):
        model.choose((region.id,))
        speaking.say(COMPONENT, NUCLEUS)
        (chip,) = model.chips(COMPONENT)
        speaking.qualify(chip, "uncertain")
    speaking.remark("Blurred", model.chips(COMPONENT)[0].keys[0])

    assert [line.what[:5] for line in model.history()] == ["Point", "Cellu", "Remar"]
    (chip,) = model.chips(COMPONENT)
    assert [line.who for line in model.history(chip.keys[0])] == ["Doe, Jane"] * 2
    model.choose(())
    assert model.history() == ()


def test_what_layers_keep_is_read_again_without_what_is_damaged(load):
    model = load(a_region(1), saying.remark(JANE, "fine"))
    book = model.book
    subject, kept = drive(Documents().job(model.loaded.subject, book.ledger.snapshot()))
    assert subject is model.loaded.subject
    kept["annotations"] = [{"field": "nonsense"}, 3]

    assert drive(read_kept(kept)).keys() == book.ledger.snapshot().keys()
    assert drive(read_kept("nonsense")) == {}
