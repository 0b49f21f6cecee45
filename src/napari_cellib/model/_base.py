"""What all models share: frozen, strict about names, absent is None."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PositiveFloat,
    StringConstraints,
)

Micrometers = Annotated[PositiveFloat, Field(description="length in micrometers")]
Seconds = Annotated[PositiveFloat, Field(description="time in seconds")]
# Only here, not for all strings of a model: a raw document must stay as it is.
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

_DATE = re.compile(r"^(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?$")


def is_partial_date(text: str) -> bool:
    """Say whether `text` is a date of the form YYYY, YYYY-MM or YYYY-MM-DD."""
    return _DATE.match(text) is not None


def _check_date(text: str) -> str:
    if not is_partial_date(text):
        raise ValueError(f"{text!r} is no date of the form YYYY, YYYY-MM or YYYY-MM-DD")
    return text


PartialDate = Annotated[
    str,
    AfterValidator(_check_date),
    Field(description="date as far as it is known", examples=["2011", "2011-05-31"]),
]


def _as_typed(text: object) -> object:
    if not isinstance(text, str):
        return text
    # Half of a character comes from some keyboards, and could not be saved.
    whole = text.encode("utf-8", errors="replace").decode()
    return whole if whole.strip() else None


Typed = Annotated[
    str | None,
    BeforeValidator(_as_typed),
    Field(description="as it was typed; None while it is empty"),
]


class Model(BaseModel):
    """Base of all models; a copy with changes is made by ``model_copy``."""

    model_config = ConfigDict(frozen=True, extra="forbid")
