"""Search engines: one protocol, and three that find and count the same.

`engine.py` says what a library asks of one. What a query asks for is worked out once,
by `asked.py`; then tantivy, SQLite or PostgreSQL look it up in their own ways. All are
filled from the entries that the catalogue keeps, and none knows of any library.
"""
