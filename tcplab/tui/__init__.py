"""The Textual face: it types commands into a session and draws the frozen views that come back.

`draw/` turns views into rows of styled text and knows no widget; `story`, `desk`, `pacer` and `editor` hold what the
learner is doing and know no widget either; `widgets/` and `screens/` put the rows on a terminal.
"""

import os

# Every colour of the theme is an entry of the xterm-256 palette, so naming it by number looks the same and costs a
# third fewer bytes than its RGB value. Textual reads this when it is imported; a learner's own setting stands.
if os.environ.get("COLORTERM", "").lower() in ("truecolor", "24bit") and os.environ.get("TERM") != "linux":
    os.environ.setdefault("TEXTUAL_COLOR_SYSTEM", "256")
