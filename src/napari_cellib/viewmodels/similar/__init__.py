"""What is shown of images that are like another one, and what is decided there.

`source.py` is what is asked about, `finding.py` asks, `model.py` is what the panel
shows, and `words.py` says in what images differ.
"""
