"""The marker that ties tests to requirements; see tests/support/requirements.py."""


def pytest_configure(config):
    config.addinivalue_line("markers", "req(*ids): the requirements (tests/conformance/*.csv) that the test proves")
