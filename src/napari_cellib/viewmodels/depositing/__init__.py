"""What the wizard shows and decides in which a person describes an image.

Start with `wizard.py`: a draft, what is wrong with it, and the page that is shown.
"""
