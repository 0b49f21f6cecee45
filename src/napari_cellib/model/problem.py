"""What a check found."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from napari_cellib.model._base import Model, Text


class Problem(Model):
    """One thing that is wrong, or could be better, and how to mend it."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")] = Field(
        description="stable name of the check", examples=["pixel-size-unknown"]
    )
    severity: Literal["error", "advice"] = "error"
    where: Text = Field(description="file, record or field that it is about")
    message: Text
    fix: Text

    def __str__(self) -> str:
        return f"{self.where}: {self.message} {self.fix}"
