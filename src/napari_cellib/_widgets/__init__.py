"""Thin Qt on the view-models, and the one door to threads.

Start with `search_panel.py`, which puts the pages together; `_job_runner.py` is
where threads begin and end. Widgets hold no state that a view-model could hold.
"""
