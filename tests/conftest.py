"""The marker that ties tests to requirements (tests/support/requirements.py), and where hypothesis draws from."""

import gc
import os

from hypothesis import settings

# `make test` gives everybody the same examples, so that its verdict is about the code and not about the draw;
# `make test-long` draws new ones each time, which is how a rare fault is found before a user finds it.
# No deadlines: a property does not fail because its machine is busy.
settings.register_profile("same", derandomize=True, database=None, deadline=None)
settings.register_profile("new", print_blob=True, deadline=None)
settings.load_profile("new" if os.environ.get("TCPLAB_LONG") else "same")


def pytest_configure(config):
    config.addinivalue_line("markers", "req(*ids): the requirements (tests/conformance/*.csv) that the test proves")


def pytest_collection_finish(session):
    """What was imported and collected stays to the end: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
