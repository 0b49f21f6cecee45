"""Where bytes come from: the only door to folders, zips, servers and buckets."""

from napari_cellib.pixels.stores.addresses import (
    folder_for_writing,
    open_store,
    safe_name,
)
from napari_cellib.pixels.stores.store import DOCUMENT_LIMIT, Answer, Store
from napari_cellib.pixels.stores.words import storage_error

__all__ = [
    "DOCUMENT_LIMIT",
    "Answer",
    "Store",
    "folder_for_writing",
    "open_store",
    "safe_name",
    "storage_error",
]
