"""The Textual face: it types commands into a session and draws the frozen views that come back.

`draw/` turns views into rows of styled text and knows no widget; `story`, `desk`, `pacer` and `editor` hold what the
learner is doing and know no widget either; `widgets/` and `screens/` put the rows on a terminal.
"""
