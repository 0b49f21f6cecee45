"""What an image may be used for."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator

from napari_cellib.model._base import Model, Text

Reuse: TypeAlias = Literal[
    "open", "attribution", "share-alike", "non-commercial", "no-derivatives",
    "restricted", "unknown",
]  # fmt: skip

# SPDX identifier -> (name that people know, address of its text)
_KNOWN = {
    "CC0-1.0": ("CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
    "PDDL-1.0": ("PDDL 1.0", "https://opendatacommons.org/licenses/pddl/1-0/"),
    "BSD-3-Clause": ("BSD 3-Clause", "https://opensource.org/license/bsd-3-clause"),
    "MIT": ("MIT", "https://opensource.org/license/mit"),
}

# With which works were given to the public before there was CC0; it has no SPDX id.
_DEDICATION = "https://creativecommons.org/licenses/publicdomain/"


class Licence(Model):
    """A licence by its SPDX identifier, or the words that the source has for it."""

    spdx: Annotated[str, Field(pattern=r"^[A-Za-z0-9.+-]+$")] | None = Field(
        default=None, examples=["CC-BY-4.0"]
    )
    raw: Text | None = Field(
        default=None, description="the source's own code or words, e.g. 'public_domain'"
    )
    url: Text | None = None
    version_assumed: bool = Field(
        default=False, description="the source names the licence but not its version"
    )

    @model_validator(mode="after")
    def _says_something(self) -> Licence:
        if not (self.spdx or self.raw or self.url):
            raise ValueError("a licence needs an SPDX id, an address or raw words")
        return self

    @property
    def name(self) -> str:
        """What to show a person, e.g. ``CC BY-NC-SA 3.0``."""
        if self.spdx is None:
            # A code of the source is easier to read without its underscores.
            return (self.raw or "").replace("_", " ") or self.url or ""
        if known := _KNOWN.get(self.spdx):
            return known[0]
        if self.spdx.startswith("CC-"):
            *kinds, version = self.spdx.split("-")[1:]
            return f"CC {'-'.join(kinds)} {version}"
        return self.spdx

    @property
    def link(self) -> str | None:
        """Address of the licence's text, where one is known."""
        if self.url or self.spdx is None:
            return self.url
        if known := _KNOWN.get(self.spdx):
            return known[1]
        if self.spdx.startswith("CC-"):
            *kinds, version = self.spdx.lower().split("-")[1:]
            return f"https://creativecommons.org/licenses/{'-'.join(kinds)}/{version}/"
        return None

    @property
    def reuse(self) -> Reuse:
        """The strictest condition that the licence sets; free words are not guessed."""
        if self.spdx is None:
            return "open" if self.url == _DEDICATION else "unknown"
        parts = set(self.spdx.upper().split("-"))
        conditions: tuple[tuple[str, Reuse], ...] = (
            ("ND", "no-derivatives"),
            ("NC", "non-commercial"),
            ("SA", "share-alike"),
            ("BY", "attribution"),
            ("CC0", "open"),
            ("PDDL", "open"),
        )
        for part, condition in conditions:
            if part in parts:
                return condition
        return "attribution" if self.spdx in _KNOWN else "unknown"
