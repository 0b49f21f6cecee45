"""Who lies above and below whom, against plain walks over small graphs."""

from __future__ import annotations

import itertools
import random
import sqlite3
from contextlib import closing

import numpy as np
import pytest

from napari_cellib.jobs import drive
from napari_cellib.ontology.graph import CODE, Graph

IS_A, PART_OF = "is_a", "part_of"


@pytest.fixture
def make_graph():
    """Return a function that makes a graph of nodes and (child, parent, relation)."""

    def make(nodes, edges) -> Graph:
        with closing(sqlite3.connect(":memory:")) as store:
            store.execute("CREATE TABLE node (id INTEGER PRIMARY KEY)")
            store.executemany("INSERT INTO node VALUES (?)", [(n,) for n in nodes])
            store.execute("CREATE TABLE edge (child, parent, relation)")
            store.executemany("INSERT INTO edge VALUES (?, ?, ?)", edges)
            return drive(
                Graph.read(
                    store.execute("SELECT id FROM node ORDER BY id"),
                    store.execute(
                        f"SELECT child, parent, {CODE} FROM edge ORDER BY child"
                    ),
                )
            )

    return make


@pytest.fixture(params=range(5))
def random_edges(request):
    """Return relations in which terms of a larger number lie below smaller ones."""
    dice = random.Random(request.param)
    return [
        (child * 7, dice.randrange(1, child) * 7, dice.choice([IS_A, PART_OF]))
        for child in range(2, 60)
        for _ in range(dice.randrange(3))
    ]


NODES = [number * 7 for number in range(1, 60)]


def plain_below(root, edges, relations):
    found, waiting = set(), [root]
    while waiting:
        up = waiting.pop()
        for child, parent, how in edges:
            if parent == up and how in relations and child not in found:
                found.add(child)
                waiting.append(child)
    return found


@pytest.mark.parametrize("relations", [{IS_A}, {PART_OF}, {IS_A, PART_OF}])
def test_below_is_what_a_plain_walk_finds(make_graph, random_edges, relations):
    graph = make_graph(NODES, random_edges)

    for root in NODES[:10]:
        found = drive(graph.below(np.array([root]), relations))
        expected = plain_below(root, random_edges, relations)
        assert set(graph.nodes[found].tolist()) == expected


def test_above_is_the_other_way_round(make_graph, random_edges):
    graph = make_graph(NODES, random_edges)

    for node in NODES:
        above = graph.above(node)
        for up in NODES:
            below = plain_below(up, random_edges, {IS_A, PART_OF})
            assert (up in above) == (node in below)
        direct = {parent for child, parent, _ in random_edges if child == node}
        assert {up for up, steps in above.items() if steps == 1} == direct


def test_intervals_tell_what_is_below(make_graph):
    dice = random.Random(1)
    edges = [(n, dice.randrange(1, n), IS_A) for n in range(2, 200) if n % 50]
    graph = make_graph(range(1, 200), [*edges, (199, edges[-1][1], PART_OF)])

    left, right = drive(graph.intervals(np.ones(199, bool)))

    assert sorted(left.tolist()) == list(range(1, 200)), "each number is used once"
    for up in range(1, 200):
        inside = (left > left[up - 1]) & (left <= right[up - 1])
        expected = plain_below(up, edges, {IS_A})
        assert set(graph.nodes[inside].tolist()) == expected


def test_a_tree_is_counted_without_what_is_no_part_of_it(make_graph):
    graph = make_graph([1, 2, 3, 4], [(2, 1, IS_A), (3, 2, IS_A), (4, 1, IS_A)])

    left, right = drive(graph.intervals(np.array([True, True, False, True])))

    assert right.tolist()[0] == 3
    assert sorted(left.tolist()) == [1, 2, 3]


def test_without_a_circle_none_is_found(make_graph, random_edges):
    assert drive(make_graph(NODES, random_edges).circle()) == []
    assert drive(make_graph([], []).circle()) == []


@pytest.mark.parametrize(
    "edges",
    [
        [(1, 1)],
        [(1, 2), (2, 1)],
        [(1, 2), (2, 3), (3, 1), (4, 1), (5, 6)],
        [(9, 8), (8, 7), (7, 6), (6, 8), (1, 9), (6, 5)],
    ],
)
def test_a_circle_is_told_as_a_way_round(make_graph, edges):
    found = drive(
        make_graph(range(1, 10), [(*edge, IS_A) for edge in sorted(edges)]).circle()
    )

    assert found[0] == found[-1]
    assert len(found) >= 2
    assert all(step in edges for step in itertools.pairwise(found))


def test_millions_of_levels_can_be_cancelled(make_graph):
    deep = range(2, 5_000)
    graph = make_graph(range(1, 5_000), [(n, n - 1, IS_A) for n in deep])

    assert len(list(graph.circle())) >= 3
    assert len(list(graph.intervals(np.ones(4_999, bool)))) >= 3
