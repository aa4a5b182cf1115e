"""Screens: home, bench, and the reader that shows help, a segment, or the last page of a lab."""
