"""The wizard in which a person describes an image: one page per module.

Start with `window.py`.
"""
