from pathlib import Path

import pytest

from pandium_tui.connectors import testing
from tests.connectors.asking import GOOD, Methods
from tests.connectors.certificates import server_context
from tests.connectors.conftest import StartVendor, replying


@pytest.mark.parametrize(
    ("name", "trusted", "status"),
    [("localhost", True, "connected"), ("other.example", True, "unreachable"), ("localhost", False, "unreachable")],
)
def test_https_checks_the_name_although_the_address_is_pinned(
    start_vendor: StartVendor,
    crm: Methods,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    trusted: bool,
    status: str,
) -> None:
    folder = tmp_path / "certificates"
    folder.mkdir()
    context = server_context(folder, name)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(folder / "root.pem"))
    vendor = start_vendor(replying(200, b'{"ok": true}'), context)
    values = {"base_url": f"https://localhost:{vendor.port}", "access_token": GOOD}
    found = testing.test_connection(crm("token"), values, testing.TestOptions(seconds=20, private_allowed=True))
    assert found.status == status, found
    if status == "connected":
        assert vendor.requests[0][2]["Host"] == f"localhost:{vendor.port}"
    else:
        assert "certificate" in found.words
        assert vendor.requests == []


def test_a_port_that_does_not_speak_tls(start_vendor: StartVendor, crm: Methods) -> None:
    vendor = start_vendor(replying(200, b'{"ok": true}'))
    values = {"base_url": f"https://127.0.0.1:{vendor.port}", "access_token": GOOD}
    found = testing.test_connection(crm("token"), values, testing.TestOptions(seconds=20, private_allowed=True))
    assert found.status == "unreachable"
    assert vendor.requests == []
