"""Releases that are not whole, not sound or not there: the terms stay as they were."""

from __future__ import annotations

from dataclasses import replace

import pytest

from napari_cellib.demo.server import SlowServer
from napari_cellib.errors import DownloadFailed, TermsUnreadable

GOLD = "FBbi:00000246"  # fluorescence microscopy


def _cut(text: str) -> str:
    return text[: len(text) // 2]


def _half(text: str) -> str:
    """End between two terms, where nothing shows that more should follow."""
    return text[: text.index("[Term]", len(text) // 2)]


def _empty(text: str) -> str:
    return text.partition("[Term]")[0]


def _page(text: str) -> str:
    return f"<html>{text}</html>\n"


@pytest.mark.parametrize("spoil", [_cut, _half, _empty, _page])
@pytest.mark.parametrize("served", [True, False])
def test_an_unsound_release_changes_nothing(
    settings, publish, folder, newer, spoil, served, run, obo, assert_untouched
):
    publish(spoil(obo(newer.values())))

    with SlowServer(folder, latency_s=0.0) as server:
        if served:
            addresses = {"fbbi": f"{server.url}/fbbi.obo"}
            settings = settings.model_copy(update={"release_addresses": addresses})
        with pytest.raises(TermsUnreadable):
            run(settings)

    assert_untouched()


def test_terms_that_are_below_themselves_change_nothing(
    settings, publish, fbbi, run, obo, assert_untouched
):
    rows = dict(fbbi)
    child = next(t for t in rows.values() if GOLD in dict(t.parents))
    rows[GOLD] = replace(rows[GOLD], parents=((child.curie, "is_a"),))
    publish(obo(rows.values()))

    with pytest.raises(TermsUnreadable, match="circle"):
        run(settings)

    assert_untouched()


def test_a_release_that_leaves_nothing_for_a_field_changes_nothing(
    settings, publish, fbbi, run, obo, assert_untouched
):
    flat = [replace(t, parents=(("FBbi:00000265", "is_a"),)) for t in fbbi.values()]
    publish(
        obo(replace(t, parents=t.parents[t.curie == "FBbi:00000265" :]) for t in flat)
    )

    with pytest.raises(TermsUnreadable, match="no term is left for the field"):
        run(settings)

    assert_untouched()


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/x.obo", "/nowhere/x.obo"])
def test_without_a_network_the_terms_of_before_are_used(
    settings, address, run, assert_untouched
):
    settings.release_addresses["fbbi"] = address

    with pytest.raises(DownloadFailed):
        run(settings)

    assert_untouched()
