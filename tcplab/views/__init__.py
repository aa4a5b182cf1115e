"""What the events of a session look like to people: one entry a segment, notes by an expert who knows the truth.

Shared by the screen, the exporters and the grader; fed with `list[Event]` from a session or from a captured file.
"""
