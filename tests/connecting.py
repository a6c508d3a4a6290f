"""Connectors and connections for tests, through the functions that people's front doors use."""

from collections.abc import Mapping
from pathlib import Path

from pandium_tui.hub.actor import Actor
from pandium_tui.hub.connections import set_connection
from pandium_tui.hub.connector_changes import ConnectorValues, add_connector
from pandium_tui.storage.database import Store
from pandium_tui.storage.vault import Secret

ACTOR = Actor("tester", "cli")

CRM = """
version: 1
connectors:
  - id: crm
    label: CRM
    methods:
      - id: token
        label: Token
        kind: static
        fields:
          - {name: client_id, label: Client ID, level: provisioning}
          - {name: client_secret, label: Client secret, secret: true, level: provisioning}
          - {name: account, label: Account}
          - {name: access_token, label: Access token, secret: true}
        inject: {account: ACCOUNT, access_token: ACCESS_TOKEN}
        untested: It has no address of its own
      - id: key
        label: Key
        kind: static
        fields:
          - {name: api_key, label: API key, secret: true}
        inject: {api_key: API_KEY}
        untested: It has no address of its own
"""


def define_crm(store: Store) -> None:
    """A connector of the person's own."""
    folder: Path = store.settings.connectors_folder
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "crm.yaml").write_text(CRM)


def add(
    store: Store,
    integration_id: int,
    name: str,
    catalogue_id: str = "",
    method: str = "",
    scope: str = "tenant",
    **provisioning: str,
) -> int:
    """A connector; its id."""
    values = ConnectorValues(
        name, catalogue_id or name, method, scope, {key: Secret(value) for key, value in provisioning.items()}
    )
    return add_connector(store, integration_id, values, ACTOR).id


def connect(store: Store, connector_id: int, tenant_id: int | None, values: Mapping[str, str]) -> None:
    """Give a connection these values."""
    set_connection(store, connector_id, tenant_id, {name: Secret(value) for name, value in values.items()}, ACTOR)
