"""Other people's archives, taken in as libraries.

Start with `importing.py`: the job that makes a library of an archive's public dump.
`dump.py` reads the dump's files without trusting them, `report.py` counts what became
of every value. `updating.py` asks the archive itself for what is newer, through
`polite.py`. `cil/` knows the Cell Image Library: its `document.py` makes a record of
a document, `pages.py` of a public page, and `api.py` and `service.py` ask for them.
"""
