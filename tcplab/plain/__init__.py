"""The laboratory as a line dialogue: no cursor, no colour, no size of window.

For screen readers, braille lines, dumb terminals and pipes. The same sessions, recordings and answers as on the screen;
what happens is told in lines that make sense when they are read aloud one by one.
"""
