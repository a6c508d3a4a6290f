"""What the tests of connection tests share."""

from collections.abc import Callable

from pandium_tui.connectors import testing
from pandium_tui.connectors.catalogue import catalogue
from pandium_tui.connectors.definitions import Method
from tests.connectors.conftest import Vendor

GOOD = "tok-good-0123456789"
OPTIONS = testing.TestOptions(seconds=20, loopback_http=True)

Methods = Callable[[str], Method]


def method_of(connector_id: str, method_id: str) -> Method:
    """A method of the catalogue of the program."""
    connector = catalogue().find(connector_id)
    assert connector is not None
    method = connector.method(method_id)
    assert method is not None
    return method


def outcome(
    method: Method, vendor: Vendor, token: str = GOOD, options: testing.TestOptions = OPTIONS
) -> testing.TestOutcome:
    return testing.test_connection(method, {"base_url": vendor.url, "access_token": token}, options)
