"""From pixels to vectors: tiles at standard pixel sizes, and what describes them."""
