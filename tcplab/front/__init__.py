"""What the two faces before a learner share, the screen and the line dialogue: opening, going on, what is left to do.

No widget, no drawing, no terminal.
"""
