"""Which libraries are a person's own, and what the first one is called."""

from __future__ import annotations

OWN_ID = "my-library"
OWN_NAME = "My library"

# Made of what others have published, and made again: no place for own images.
FILLED = frozenset({"demo", "cil"})
