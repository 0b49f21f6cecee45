"""What each panel shows and decides; knows nothing of Qt, runs in a notebook.

Start with `search.py`: a panel asks the model for a job, runs it, and hands the
outcome back; the model tells its listeners what has changed.
"""
