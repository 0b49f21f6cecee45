"""Other people's archives, taken in as libraries.

Start with `importing.py`: the job that makes a library of an archive's public dump.
`dump.py` reads the dump's files without trusting them, `report.py` counts what became
of every value. `cil/` knows the documents of the Cell Image Library; its
`document.py` makes a record of one.
"""
