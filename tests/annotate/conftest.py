"""People who say something, and what they say."""

from __future__ import annotations

import pytest

from napari_cellib.annotate.saying import Speaker


@pytest.fixture
def jane() -> Speaker:
    return Speaker("Doe, Jane", "0000-0002-1825-0097", "napari-cellib 1")


@pytest.fixture
def joe() -> Speaker:
    return Speaker("Joe")
