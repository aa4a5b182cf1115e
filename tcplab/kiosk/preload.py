"""What a login may need later, imported while the learner reads the first screen.

An operator may replace the program's files while sessions run. What is imported by then stays as it was; what would be
imported afterwards could be of another version, or not be there. Only libraries that take much memory (networkx,
plotext, scapy) are still left until they are used: whom that hits is told so, and goes on after a new login.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

#: The rooms in which a session of a kiosk goes about; of others what those need.
ROOMS = ("tcp", "notation", "net", "views", "lab", "session", "capture", "graph", "export", "front", "tui", "kiosk")


def preload() -> list[str]:
    """Import all modules of these rooms (0.2 s of computing time, 10 MB); their names."""
    found = []
    for room in ROOMS:
        package = import_module(f"tcplab.{room}")
        found += [one.name for one in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    for name in found:
        import_module(name)
    return found
