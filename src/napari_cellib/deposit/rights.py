"""The licences that a depositor may choose from, in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from napari_cellib.model import Licence


@dataclass(frozen=True, slots=True)
class OfferedLicence:
    """A licence that a depositor may choose, and what it lets others do."""

    licence: Licence
    words: str

    @property
    def name(self) -> str:
        """The usual short name."""
        return self.licence.name


# The most open first; the second is what most archives and funders ask for.
OFFERED = (
    OfferedLicence(
        Licence(spdx="CC0-1.0"),
        "Everybody may do everything with it, without asking or naming you.",
    ),
    OfferedLicence(
        Licence(spdx="CC-BY-4.0"), "Everybody may do everything with it who names you."
    ),
    OfferedLicence(
        Licence(spdx="CC-BY-SA-4.0"),
        "Everybody may do everything with it who names you and gives what comes of it "
        "to others under the same licence.",
    ),
    OfferedLicence(
        Licence(spdx="CC-BY-NC-4.0"),
        "Everybody may use it who names you and earns no money with it. Textbooks and "
        "companies must ask you.",
    ),
    OfferedLicence(
        Licence(spdx="CC-BY-NC-SA-4.0"),
        "Everybody may use it who names you, earns no money with it and gives what "
        "comes of it to others under the same licence.",
    ),
    OfferedLicence(
        Licence(raw="All rights reserved"),
        "Everybody may look at it. For everything else they must ask you.",
    ),
)


def in_words(licence: Licence) -> str | None:
    """Return what an offered licence lets others do, or None for another one."""
    return next((one.words for one in OFFERED if one.licence == licence), None)
