"""Labels of which something is said, and which may be gone."""

import numpy as np

from napari_cellib.annotate.checking import problems
from napari_cellib.annotate.saying import region_id
from napari_cellib.jobs import drive
from napari_cellib.model.statement import Region, RegionShape, Statements
from napari_cellib.viewmodels.regions.labels import label_values, labels_gone


def label(value, labels="nuclei"):
    return Region(id=region_id(), shape=RegionShape.LABEL, value=value, labels=labels)


REGIONS = [label(1), label(2), label(9), label(3, "cells")]
NUCLEI = np.zeros((3, 4, 5), np.uint8)
NUCLEI[0, 0, 0], NUCLEI[2, 3, 4] = 1, 2


def test_values_are_as_the_check_of_statements_takes_them():
    values = drive(label_values(REGIONS, {"nuclei": NUCLEI}))
    assert values == {"nuclei": {1, 2}}
    found = problems(Statements(regions=tuple(REGIONS)), label_values=values)
    assert [one.id for one in found] == ["label-gone"]
    assert "label 9" in found[0].message


def test_what_is_not_in_memory_is_neither_read_nor_judged():
    class Remote:
        shape, size = (3, 4, 5), 60

    assert drive(label_values(REGIONS, {"nuclei": Remote()})) == {}
    assert labels_gone(REGIONS, {}) == ""


def test_labels_that_are_gone_are_told_in_one_sentence():
    assert labels_gone(REGIONS, {"nuclei": {1, 2, 9}}) == ""
    one = labels_gone(REGIONS, {"nuclei": {1, 2}})
    assert one.startswith("Label 9 is not in “nuclei” any more")
    several = labels_gone(REGIONS, {"nuclei": set()})
    assert several.startswith("3 labels are gone, such as 1 in “nuclei”")
