"""What can be wrong with ontology terms."""

from __future__ import annotations

from napari_cellib.errors.base import CellibError


class TermsUnreadable(CellibError):
    """A store of ontology terms, or a release of an ontology, cannot be used."""

    def __init__(self, where: str, reason: str, *, fix: str | None = None) -> None:
        super().__init__(
            f"The ontology terms in {where} cannot be read: {reason}.",
            fix=fix or "Remove that file to use the terms that come with the program.",
        )
        self.reason = reason


class TermsTooNew(CellibError):
    """A store of ontology terms was written by a newer version of this program."""

    def __init__(self, where: str, *, found: int, known: int) -> None:
        super().__init__(
            f"The ontology terms in {where} have format {found}, "
            f"this program knows {known}.",
            fix="Update napari-cellib; the file was left as it is.",
        )


class TermUnknown(CellibError):
    """No term of that identifier is in the ontologies at hand."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"There is no term {text!r} in the ontologies at hand.",
            fix="Check the identifier, or search for the term by its name.",
        )


class ChoiceRefused(CellibError):
    """A term that a person chose cannot take the place of one that has decayed."""

    def __init__(self, old: str, new: str, reason: str, *, fix: str) -> None:
        super().__init__(f"{new} cannot take the place of {old}: {reason}.", fix=fix)


class OntologyUnknown(CellibError):
    """There is no release of an ontology of that name."""

    def __init__(self, name: str, *, known: tuple[str, ...]) -> None:
        super().__init__(
            f"There are no releases of an ontology {name!r}.",
            fix=f"Choose among {', '.join(known)}.",
        )


class TermsBusy(CellibError):
    """Another program is bringing the ontology terms up to date."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"Another program is updating the ontology terms in {where}.",
            fix="Wait until it is done, then try again.",
        )
