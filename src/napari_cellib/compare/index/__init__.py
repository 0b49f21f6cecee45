"""The descriptions of a library's images: made once, kept, and searched."""
