"""Files of microscopes' makers: CZI, LIF, ND2, DV and MRC, and what bioio reads.

Start with `opening.py`, which chooses. Each maker has a reader that gives frames, of
whatever axes they are; `frames.py` makes planes of them.
"""
