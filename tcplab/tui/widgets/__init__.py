"""Widgets: what puts rows on a terminal."""
