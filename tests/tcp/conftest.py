"""What the tests of the endpoint share."""

import pytest

from tcplab.tcp import prediction


@pytest.fixture(scope="module", params=["short way", "long way"])
def both_ways(request):
    """The tests of a module run twice: with header prediction, and through the eight checks one by one."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "long way":
            patch.setattr(prediction, "taken", lambda *_: False)
        yield
