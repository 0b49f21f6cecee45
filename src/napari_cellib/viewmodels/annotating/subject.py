"""What is annotated: a record of a library, a draft, or layers that are neither."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_cellib.errors import AddressInvalid
from napari_cellib.model import Address

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Subject:
    """What statements are about, and the layers in which it is seen.

    Parameters
    ----------
    address : str, optional
        The address of the record, where there is one.
    draft : str, optional
        The id of the draft, where it is one.
    layers : tuple of str
        Names of the layers of the viewer in which it is seen.
    title : str
        What a person calls it.
    library, record : str, optional
        The parts of the address.
    writable : bool
        Whether what is said can be written there.
    mark : str
        What tells layers without a record from others: where their pixels came
        from, or their name and shape.
    """

    address: str | None = None
    draft: str | None = None
    layers: tuple[str, ...] = ()
    title: str = ""
    library: str | None = None
    record: str | None = None
    writable: bool = True
    mark: str = ""

    @classmethod
    def of_address(cls, address: Address, **values: Any) -> Subject:
        """Return the record that an address names as a subject."""
        return cls(
            address=str(address),
            library=address.library,
            record=address.record,
            **values,
        )

    @property
    def key(self) -> str:
        """By which what is said of it and not written yet is kept."""
        if self.address is not None:
            return self.address
        if self.draft is not None:
            return f"draft:{self.draft}"
        told = self.mark or "\n".join(self.layers)
        return f"layers:{hashlib.sha256(told.encode()).hexdigest()[:16]}"

    @property
    def is_record(self) -> bool:
        """Whether it is an image of a library."""
        return self.address is not None

    @property
    def is_saved_by_hand(self) -> bool:
        """Whether what is said waits until a person saves it."""
        return self.is_record or self.draft is not None


def subject_of(
    name: str, metadata: Mapping[str, Mapping[str, Any]], mark: str = ""
) -> Subject:
    """Return what a layer belongs to.

    Parameters
    ----------
    name : str
        Name of the layer that is selected.
    metadata : mapping of str to mapping
        The ``metadata`` of every layer in which an image is seen, by its name.
    mark : str
        What tells the layer from others, where it has neither record nor source.

    Returns
    -------
    Subject
        The record of which the layer was opened, else the draft that it belongs to,
        else the layers that came from the same file.
    """
    own = _own(metadata.get(name, {}))
    if (address := _address(own.get("address"))) is not None:
        return Subject.of_address(
            address,
            layers=_with("address", own["address"], metadata.items()),
            title=_title(own) or address.record,
            writable=False,  # until the library is asked
        )
    if isinstance(draft := own.get("draft"), str) and draft:
        layers = _with("draft", draft, metadata.items())
        return Subject(draft=draft, layers=layers, title=_title(own) or name)
    if isinstance(source := own.get("source"), str) and source:
        layers = _with("source", source, metadata.items())
        return Subject(layers=layers, title=_title(own) or name, mark=source)
    return Subject(layers=(name,), title=name, mark=mark)


def _with(
    key: str, value: str, metadata: Iterable[tuple[str, Mapping[str, Any]]]
) -> tuple[str, ...]:
    return tuple(name for name, said in metadata if _own(said).get(key) == value)


def _own(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    found = metadata.get("cellib")
    return found if isinstance(found, dict) else {}


def _address(found: object) -> Address | None:
    if not isinstance(found, str):
        return None
    try:
        return Address.parse(found)
    except AddressInvalid:
        return None


def _title(own: Mapping[str, Any]) -> str:
    title = own.get("title")
    return title if isinstance(title, str) else ""
