"""What a draft still lacks, and what should be looked at before others see it.

Start with `draft.py`. Each check is a small generator from a draft to problems and
reads no file, so that all of them together may run at every key that is pressed.
"""
