"""What a library does to take files in: the same steps, however far away it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from napari_cellib.deposit.manifest import Entry


@dataclass(frozen=True)
class Parcel:
    """One file to be sent.

    Attributes
    ----------
    entry : Entry
        What it should be when it arrives.
    blocks : callable
        Reads it from its beginning, whenever it is called. What it yields is only
        there until the next is asked for.
    """

    entry: Entry
    blocks: Callable[[], Iterator[memoryview]]


class Carrier(Protocol):
    """A library on its way to take files in.

    A deposit is created once; then the library is told of all its files and says which
    it wants, these are sent, and it is asked whether it now holds the whole. All of
    that can be said again at any time. At last the deposit is sealed: only then can it
    be seen, and it never changes again.

    Methods are called from several threads. Each raises `CarrierUnreachable` when it is
    worth trying again, and another `CellibError` when it is not.
    """

    near: bool  # whether what is hashed is best sent at once, see `take`
    page: int  # most files in one question
    pack_bytes: int  # about how much is sent at once
    workers: int  # how many packs are sent beside one another

    def create(self, record: str, key: str) -> str:
        """Begin to take files in, or go on with it.

        Parameters
        ----------
        record : str
            Id of the record, or of its draft, that the files are for.
        key : str
            Chosen by the sender; the same one means the same deposit.

        Returns
        -------
        str
            What the library calls it; all other steps begin with it.
        """
        ...

    def want(self, asset: str, page: Sequence[Entry]) -> Collection[str]:
        """Say which of some files must be sent, by digest."""
        ...

    def send(self, asset: str, pack: Sequence[Parcel]) -> Sequence[str]:
        """Take some files in, and return the digests of what arrived, in order.

        A file that arrives as another one is not kept.
        """
        ...

    def may_have(self, size: int) -> bool:
        """Say whether a file of so many bytes may be there, without knowing its digest.

        Only asked where the library is `near`.
        """
        ...

    def take(
        self, asset: str, pack: Sequence[Callable[[], Iterator[memoryview]]]
    ) -> Sequence[str]:
        """Take some files in whose digests nobody knows, and return these, in order.

        So a file is read once. Only called where the library is `near`: the sender
        believes the digests, and what is there already is written for nothing.

        Parameters
        ----------
        asset : str
            Which deposit.
        pack : sequence of callable
            As `Parcel.blocks`.
        """
        ...

    def complete(self, asset: str, digest: str, count: int, size: int) -> str:
        """Put all files together that `want` was told of since `create`.

        Parameters
        ----------
        asset : str
            Which deposit.
        digest : str
            That of the manifest of all files.
        count : int
            How many files it has.
        size : int
            How many bytes.

        Returns
        -------
        str
            The digest of the manifest of what is there. If it is another one, files
            are missing, and nothing else has happened.
        """
        ...

    def seal(self, asset: str, digest: str) -> str:
        """Make all files visible at once, and return where they are.

        Parameters
        ----------
        asset : str
            Which deposit; it was completed.
        digest : str
            That of its manifest. What was sealed already is so for good.
        """
        ...

    def discard(self, asset: str) -> None:
        """Forget a deposit that was not sealed, with all that was sent."""
        ...

    def take_back(self, record: str) -> None:
        """Take away what was sealed for a record that was never added, if anything."""
        ...
