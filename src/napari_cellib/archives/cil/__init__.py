"""The documents of the Cell Image Library: start with `document.py`."""
