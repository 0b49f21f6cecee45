"""Numbers of one plane: how bright, how many objects, how fine, how much together.

Each module measures one kind of thing and says how; `quantity.py` is what they return,
`all.py` asks them all.
"""
