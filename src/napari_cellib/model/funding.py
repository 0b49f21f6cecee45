"""Who paid for the work."""

from __future__ import annotations

from pydantic import Field

from napari_cellib.model._base import Model, Text


class Funding(Model):
    """A grant, or another source of money, that made an image possible."""

    funder: Text = Field(examples=["European Research Council"])
    award: Text | None = Field(default=None, description="number of the grant")
