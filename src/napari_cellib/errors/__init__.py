"""Every error that napari-cellib raises on purpose, in one tree.

* CellibError
    * AddressInvalid
    * JobCancelled
    * LibraryNotFound
    * LibraryDamaged
    * LibraryExists
    * LibraryTooNew
    * LibraryReadOnly
    * LibraryBusy
    * LibraryWithoutFiles
    * DatabaseUnreachable
    * LibraryUnreachable
    * RecordNotFound
    * RecordInvalid
    * QueryInvalid
    * PixelsNotFound
    * PixelsUnreadable
        * FormatUnknown
    * PixelsUnreachable
        * PixelsNotKept
    * TermsUnreadable
    * TermsTooNew
    * TermUnknown
    * ChoiceRefused
    * OntologyUnknown
    * TermsBusy
    * DownloadFailed
    * DumpUnreadable
    * ArchiveUnreachable
    * ArchiveUnreadable
    * KeyNeeded
    * FilesRefused
    * FileChanged
    * TransferBusy
    * TransferUnreadable
    * TransferIncomplete
    * CarrierUnreachable
    * CarrierUnsound
    * ManifestUnreadable
    * TargetExists
    * StorageFull
    * MissingExtra
    * TourStopped
"""

from __future__ import annotations

from napari_cellib.errors.archives import (
    ArchiveUnreachable,
    ArchiveUnreadable,
    DownloadFailed,
    DumpUnreadable,
    KeyNeeded,
)
from napari_cellib.errors.base import (
    CellibError,
)
from napari_cellib.errors.deposits import (
    CarrierUnreachable,
    CarrierUnsound,
    FileChanged,
    FilesRefused,
    ManifestUnreadable,
    TransferBusy,
    TransferIncomplete,
    TransferUnreadable,
)
from napari_cellib.errors.libraries import (
    AddressInvalid,
    DatabaseUnreachable,
    LibraryBusy,
    LibraryDamaged,
    LibraryExists,
    LibraryNotFound,
    LibraryReadOnly,
    LibraryTooNew,
    LibraryUnreachable,
    LibraryWithoutFiles,
    QueryInvalid,
    RecordInvalid,
    RecordNotFound,
)
from napari_cellib.errors.pixels import (
    FormatUnknown,
    PixelsNotFound,
    PixelsNotKept,
    PixelsUnreachable,
    PixelsUnreadable,
)
from napari_cellib.errors.terms import (
    ChoiceRefused,
    OntologyUnknown,
    TermsBusy,
    TermsTooNew,
    TermsUnreadable,
    TermUnknown,
)
from napari_cellib.errors.work import (
    JobCancelled,
    MissingExtra,
    StorageFull,
    TargetExists,
    TourStopped,
)

__all__ = [
    "AddressInvalid",
    "ArchiveUnreachable",
    "ArchiveUnreadable",
    "CarrierUnreachable",
    "CarrierUnsound",
    "CellibError",
    "ChoiceRefused",
    "DatabaseUnreachable",
    "DownloadFailed",
    "DumpUnreadable",
    "FileChanged",
    "FilesRefused",
    "FormatUnknown",
    "JobCancelled",
    "KeyNeeded",
    "LibraryBusy",
    "LibraryDamaged",
    "LibraryExists",
    "LibraryNotFound",
    "LibraryReadOnly",
    "LibraryTooNew",
    "LibraryUnreachable",
    "LibraryWithoutFiles",
    "ManifestUnreadable",
    "MissingExtra",
    "OntologyUnknown",
    "PixelsNotFound",
    "PixelsNotKept",
    "PixelsUnreachable",
    "PixelsUnreadable",
    "QueryInvalid",
    "RecordInvalid",
    "RecordNotFound",
    "StorageFull",
    "TargetExists",
    "TermUnknown",
    "TermsBusy",
    "TermsTooNew",
    "TermsUnreadable",
    "TourStopped",
    "TransferBusy",
    "TransferIncomplete",
    "TransferUnreadable",
]
