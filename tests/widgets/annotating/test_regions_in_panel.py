"""Regions in the panel that annotates, with real keys and clicks."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt
from tests.widgets.annotating.hands import (
    COMPONENT,
    MITOCHONDRION,
    kept,
    say_by_keys,
)

from napari_cellib.annotate.saying import Speaker, move, retract, say
from napari_cellib.model.statement import Extent, Region, Statements


def test_planes_and_remarks_are_of_the_region_that_is_chosen_now(qtbot, panel):
    there = Extent(axis="z", first=2, last=2)
    first, second = (
        Region(id=f"{n:016x}", shape="point", axes=("y", "x"), points=((n, n),),
               extents=(there,))
        for n in (1, 2)
    )  # fmt: skip
    panel._speaking.take_regions([first, second])
    panel._model.choose([first.id])
    say_by_keys(qtbot, panel, COMPONENT, "mitochondrion")
    box = panel._page.scope.extents["z"]
    wider = move(
        Speaker("Doe, Jane"), first, extents=(Extent(axis="z", first=2, last=5),)
    )
    panel._speaking.take_regions([wider])
    assert (box.first.value(), box.last.value()) == (2, 5)
    panel.undo()
    assert (box.first.value(), box.last.value()) == (2, 2)

    (chip,) = panel._model.chips(COMPONENT)
    panel._page.body._on_remark(chip)
    panel._model.choose([second.id])
    line = panel._page.body.remarks.line
    qtbot.keyClicks(line, "It divides")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    (remark,) = panel._model.remarks()
    assert (remark.region, remark.about) == (second.id, None)
    kept(qtbot, panel)


def test_a_region_that_is_deleted_leaves_the_list_and_is_undone_into_it(qtbot, panel):
    regions = [
        Region(id=f"{n:016x}", shape="point", axes=("y", "x"), points=((n, n),))
        for n in (1, 2, 3)
    ]
    panel._speaking.take_regions(regions)
    listed = panel._page.regions.model
    panel._model.choose([regions[1].id])
    panel._speaking.take_regions([retract(Speaker("Doe, Jane"), regions[1])])
    assert listed.ids == [regions[0].id, regions[2].id]
    assert panel._model.scope == ()
    panel.undo()
    assert set(listed.ids) == {one.id for one in regions}
    kept(qtbot, panel)


@pytest.mark.slow
def test_what_is_said_of_one_of_ten_thousand_regions_touches_only_its_own_line(
    qtbot, make, own
):
    count, speaker = 10_000, Speaker("Ada")
    regions = tuple(
        Region(id=f"{n:016x}", shape="point", axes=("y", "x"), points=((1, n),))
        for n in range(count)
    )
    notes = tuple(
        say(speaker, COMPONENT, MITOCHONDRION, region=one.id) for one in regions
    )
    own.annotate("CLB000001X", Statements(regions=regions, annotations=notes))
    panel = make()
    panel.annotate(f"cellib://{own.info.id}/CLB000001X")
    qtbot.waitUntil(lambda: panel._model.loaded is not None, timeout=20_000)
    qtbot.waitUntil(lambda: not panel._checker.is_running, timeout=20_000)
    listed, drawn = panel._page.regions, []
    listed.model.modelReset.connect(lambda: drawn.append("all"))
    listed.model.dataChanged.connect(lambda a, b: drawn.append((a.row(), b.row())))
    panel._model.choose((regions[5000].id,))

    say_by_keys(qtbot, panel, COMPONENT, "nucleolus")
    line = say_by_keys(qtbot, panel, COMPONENT, "golgi apparatus")
    qtbot.keyClick(line, "-")
    kept(qtbot, panel)
    qtbot.keyClick(line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    kept(qtbot, panel)

    assert drawn == [(5000, 5000)] * 4
    qtbot.keyClicks(listed.line, "golgi")
    assert listed.model.ids == [regions[5000].id]
    listed.line.clear()
    listed.view.setFocus()
    listed.view.selectAll()
    assert len(panel._model.scope) == count
    (chip,) = (c for c in panel._model.chips(COMPONENT) if c.curie == "GO:0005739")
    assert (len(chip.keys), chip.note) == (count, "")
