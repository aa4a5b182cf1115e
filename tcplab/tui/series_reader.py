"""The series behind the plots, read a piece a frame: a long past must not freeze the screen."""

from __future__ import annotations

from collections.abc import Sequence

from tcplab.net.trace import Event
from tcplab.views.series import Series

#: How many events a frame reads: some 10 ms.
PIECE = 6_000


class SeriesReader:
    """Reads when somebody draws from it. `behind` says that another frame is needed to read on."""

    def __init__(self) -> None:
        self.series = Series()
        self.behind = False

    def read(self, trace: Sequence[Event], most: int = 0) -> Series:
        """The series, a piece further on; asked again before `frame`, as far as they were."""
        if not self.behind:
            self.behind = not self.series.read(trace, most or PIECE)
        return self.series

    def frame(self) -> bool:
        """A frame begins: whether the last drawing was not of everything. Who draws from it again reads on."""
        was, self.behind = self.behind, False
        return was
