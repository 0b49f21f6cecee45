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
    * TableUnreadable
    * PatternInvalid
    * StepRefused
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
from napari_cellib.errors.drafts import (
    DraftNotFound,
    DraftUnreadable,
    PatternInvalid,
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
    "AxesUnknown",
    "CellibError",
    "ChoiceRefused",
    "ConversionRefused",
    "DatabaseUnreachable",
    "DownloadFailed",
    "DraftNotFound",
    "DraftUnreadable",
    "DumpUnreadable",
    "FormatUnknown",
    "JobCancelled",
    "KeyNeeded",
    "LayersChanged",
    "LibraryBusy",
    "LibraryDamaged",
    "LibraryExists",
    "LibraryNotFound",
    "LibraryReadOnly",
    "LibraryTooNew",
    "LibraryUnreachable",
    "LibraryWithoutFiles",
    "MissingExtra",
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
    "SeriesIncomplete",
    "StepRefused",
    "StorageFull",
    "TableUnreadable",
    "TargetExists",
    "TermUnknown",
    "TermsBusy",
    "TermsTooNew",
    "TermsUnreadable",
    "TourStopped",
]
