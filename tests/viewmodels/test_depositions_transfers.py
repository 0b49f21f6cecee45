"""Depositions are sent one after the other, and each can be stopped."""

from __future__ import annotations

import pytest

from napari_cellib.errors import StorageFull
from napari_cellib.jobs import Progress
from napari_cellib.viewmodels.depositions_transfers import Order, Transfers


@pytest.fixture
def sent():
    return []


@pytest.fixture
def transfers(sent):
    def send(order):
        sent.append(order)
        yield Progress("Sending")

    return Transfers(lambda order: send(order))


def start(transfers):
    job = transfers.next_job()
    if job is not None:
        next(job)
        job.close()
    return job


def test_one_is_sent_at_a_time_in_their_order(transfers, sent):
    transfers.add(Order("a"))
    transfers.add(Order("b"))

    assert start(transfers) is not None
    assert start(transfers) is None
    transfers.settle(is_done=True)
    start(transfers)

    assert [order.id for order in sent] == ["a", "b"]


def test_what_is_being_sent_is_not_sent_twice(transfers):
    transfers.add(Order("a"))
    transfers.add(Order("a"))
    start(transfers)
    transfers.add(Order("a"))
    transfers.settle(is_done=True)

    assert transfers.next_job() is None


def test_what_was_stopped_goes_on_with_the_same_layers(transfers, sent):
    layers = (("data", {}, "image"),)
    transfers.add(Order("a", layers))
    start(transfers)
    assert transfers.pause("a")
    assert transfers.underway("a").is_stopping
    transfers.settle()

    transfers.add(Order("a"))
    start(transfers)

    assert [order.layers for order in sent] == [layers, layers]


def test_what_is_through_holds_no_layers(transfers, sent):
    transfers.add(Order("a", (("data", {}, "image"),)))
    start(transfers)
    transfers.settle(is_done=True)
    transfers.add(Order("a"))
    start(transfers)

    assert sent[-1].layers == ()


def test_what_waits_is_stopped_without_its_job(transfers):
    transfers.add(Order("a"))
    start(transfers)
    transfers.add(Order("b"))

    assert not transfers.pause("b")
    assert transfers.underway("b") is None
    assert transfers.running == "a"


def test_an_error_is_known_until_it_is_tried_again(transfers):
    transfers.add(Order("a"))
    start(transfers)
    transfers.settle(StorageFull("/data"))
    assert "a" in transfers.errors
    assert transfers.ids == frozenset()

    transfers.add(Order("a"))

    assert transfers.errors == {}


def test_whoever_listens_hears_of_each_step(transfers):
    heard = []
    transfers.changed.connect(heard.append)
    transfers.add(Order("a"))
    start(transfers)
    transfers.take_progress(Progress("Sending", 1, 2))
    assert transfers.underway("a").progress.done == 1
    transfers.settle(is_done=True)

    assert heard == ["a"] * 4
