from __future__ import annotations

import pytest

from napari_cellib.compare.meanings import meaning_of, meant_by


@pytest.mark.parametrize(
    ("names", "meaning"),
    [
        (["DAPI"], "DNA"),
        (["Hoechst_33342"], "DNA"),
        (["EGFP", "actin filament"], "actin"),
        (["Alexa Fluor 568-Phalloidin"], "actin"),
        (["gamma-Tubulin (Cy3)"], "centrosomes"),
        (["nuclear envelope"], "nuclear envelope"),
        (["Bright-field"], "transmitted light"),
        (["GFP"], None),
        (["Perception"], None),  # no ER in it
        ([None, ""], None),
    ],
)
def test_the_name_of_a_channel_says_what_it_shows(names, meaning):
    assert meaning_of(*names) == meaning


def test_a_person_may_ask_in_either_way():
    assert meant_by(" dna ") == meant_by("Hoechst") == "DNA"
    assert meant_by("bananas") is None
