"""tcplab: a terminal laboratory for learning TCP."""

__version__ = "0.1.0"
