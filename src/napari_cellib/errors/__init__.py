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
        * NoPixels
    * AxesUnknown
    * SeriesIncomplete
    * ConversionRefused
    * PixelsUnwritable
    * LayersChanged
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
    * DraftNotFound
    * DraftUnreadable
    * DraftIncomplete
    * TableUnreadable
    * RowsWrong
    * StatementsWrong
    * PatternInvalid
    * StepRefused
    * DepositionNotFound
    * DepositionUnreadable
    * DepositRefused
    * LayersGone
    * FilesRefused
    * FileChanged
    * TransferBusy
    * TransferUnreadable
    * TransferIncomplete
    * CarrierUnreachable
    * CarrierUnsound
    * ManifestUnreadable
    * JournalUnreadable
    * JournalBusy
    * TargetExists
    * TargetBusy
    * StorageFull
    * MissingExtra
    * ComparisonRefused
    * IndexBusy
    * IndexDamaged
    * IndexOutdated
    * ModelUnusable
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
from napari_cellib.errors.comparing import (
    ComparisonRefused,
    IndexBusy,
    IndexDamaged,
    IndexOutdated,
)
from napari_cellib.errors.deposits import (
    CarrierUnreachable,
    CarrierUnsound,
    DepositionNotFound,
    DepositionUnreadable,
    DepositRefused,
    FileChanged,
    FilesRefused,
    LayersGone,
    ManifestUnreadable,
    TransferBusy,
    TransferIncomplete,
    TransferUnreadable,
)
from napari_cellib.errors.describing import (
    ModelUnusable,
)
from napari_cellib.errors.drafts import (
    DraftIncomplete,
    DraftNotFound,
    DraftUnreadable,
    PatternInvalid,
    RowsWrong,
    StatementsWrong,
    StepRefused,
    TableUnreadable,
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
    AxesUnknown,
    ConversionRefused,
    FormatUnknown,
    LayersChanged,
    NoPixels,
    PixelsNotFound,
    PixelsNotKept,
    PixelsUnreachable,
    PixelsUnreadable,
    PixelsUnwritable,
    SeriesIncomplete,
)
from napari_cellib.errors.statements import JournalBusy, JournalUnreadable
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
    TargetBusy,
    TargetExists,
    TourStopped,
)

__all__ = [
    "AddressInvalid",
    "ArchiveUnreachable",
    "ArchiveUnreadable",
    "AxesUnknown",
    "CarrierUnreachable",
    "CarrierUnsound",
    "CellibError",
    "ChoiceRefused",
    "ComparisonRefused",
    "ConversionRefused",
    "DatabaseUnreachable",
    "DepositRefused",
    "DepositionNotFound",
    "DepositionUnreadable",
    "DownloadFailed",
    "DraftIncomplete",
    "DraftNotFound",
    "DraftUnreadable",
    "DumpUnreadable",
    "FileChanged",
    "FilesRefused",
    "FormatUnknown",
    "IndexBusy",
    "IndexDamaged",
    "IndexOutdated",
    "JobCancelled",
    "JournalBusy",
    "JournalUnreadable",
    "KeyNeeded",
    "LayersChanged",
    "LayersGone",
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
    "ModelUnusable",
    "NoPixels",
    "OntologyUnknown",
    "PatternInvalid",
    "PixelsNotFound",
    "PixelsNotKept",
    "PixelsUnreachable",
    "PixelsUnreadable",
    "PixelsUnwritable",
    "QueryInvalid",
    "RecordInvalid",
    "RecordNotFound",
    "RowsWrong",
    "SeriesIncomplete",
    "StatementsWrong",
    "StepRefused",
    "StorageFull",
    "TableUnreadable",
    "TargetBusy",
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
