"""Carriers of which a test replaces steps."""

from __future__ import annotations

import os

from tests.deposit.conftest import RECORD, contents

from napari_cellib.deposit.embedded import EmbeddedCarrier
from napari_cellib.deposit.transfer import Patience

AT_ONCE = Patience(first_s=0.01, longest_s=0.01, tries=3)


class Altered(EmbeddedCarrier):
    """A carrier, as if far away, of which a test replaces steps; it notes what came."""

    near = False

    def __init__(self, library, **steps):
        super().__init__(library)
        self.sent = []
        self.steps = steps

    def _step(self, name, *arguments):
        real = getattr(super(), name)
        return self.steps.get(name, lambda step, *a: step(*a))(real, *arguments)

    def create(self, *arguments):
        return self._step("create", *arguments)

    def want(self, *arguments):
        return self._step("want", *arguments)

    def send(self, asset, pack):
        self.sent += [parcel.entry.path for parcel in pack]
        return self._step("send", asset, pack)

    def complete(self, *arguments):
        return self._step("complete", *arguments)

    def seal(self, *arguments):
        return self._step("seal", *arguments)


def sealed(library, record=RECORD):
    return contents(library / "blobs" / record / "pyramid.ome.zarr")


class Near(EmbeddedCarrier):
    """A carrier that notes what it reads before its digest is known, and after."""

    def __init__(self, library):
        super().__init__(library)
        self.taken, self.sent = [], []

    def take(self, asset, pack):
        self.taken += [reading.args[0].key for reading in pack]
        return super().take(asset, pack)

    def send(self, asset, pack):
        self.sent += [parcel.entry.path for parcel in pack]
        return super().send(asset, pack)


def changing(source, name, times=1):
    """Return a step that changes a file after it was hashed."""
    left = list(range(times))

    def create(step, *arguments):
        if left:
            left.pop()
            (source / name).write_bytes(os.urandom(77))
        return step(*arguments)

    return create
