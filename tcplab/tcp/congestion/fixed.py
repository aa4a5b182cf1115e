"""A constant congestion window: lost segments are repaired, but nobody slows down. For lessons about other things."""

from __future__ import annotations

from tcplab.tcp.config import Config

from .base import Congestion

DEFAULT_SEGMENTS = 10


class Fixed(Congestion):
    """cwnd is what the configuration says, or ten segments."""

    __slots__ = ()

    name = "fixed"

    def established(self, config: Config, smss: int, syn_lost: int) -> None:
        self.reconfigured(config, smss)

    def reconfigured(self, config: Config, smss: int) -> None:
        self.smss = smss
        self.cwnd = config.cwnd_fixed if config.cwnd_fixed is not None else DEFAULT_SEGMENTS * smss
