from __future__ import annotations

import pytest

from napari_cellib.errors import JobCancelled
from napari_cellib.viewmodels.terms import SharedTerms


def test_terms_that_were_closed_are_opened_again_but_not_after_their_window(settings):
    terms = SharedTerms(settings)
    first = terms.get()
    terms.close()
    assert terms.get() is not first

    terms.shut()

    with pytest.raises(JobCancelled):
        terms.get()
