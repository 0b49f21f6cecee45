"""A library of real images that needs no network: the demo.

The pictures ship inside packages that anybody may install; `images.py` lists them
with what their sources say of them, `packages.py` finds them, `build.py` makes the
library, and `server.py` serves it over loopback, slowly, to show streaming.
"""
