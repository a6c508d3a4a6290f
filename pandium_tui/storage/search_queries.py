"""Finding things by a part of their name, or by their id."""

import sqlite3
from dataclasses import dataclass

_BY_NAME = {
    "integration": """
SELECT id, name, long_name AS detail, archived FROM integration
WHERE name LIKE :part ESCAPE '\\' OR long_name LIKE :part ESCAPE '\\'
ORDER BY name NOT LIKE :start ESCAPE '\\', archived, name LIMIT :limit
""",
    "tenant": """
SELECT tenant.id, integration.name || '/' || tenant.name AS name, '' AS detail, tenant.archived
FROM tenant JOIN integration ON integration.id = tenant.integration_id
WHERE tenant.name LIKE :part ESCAPE '\\' OR (:whole AND integration.name || '/' || tenant.name LIKE :part ESCAPE '\\')
ORDER BY tenant.name NOT LIKE :start ESCAPE '\\', tenant.archived, tenant.name, integration.name LIMIT :limit
""",
    "release": """
SELECT release.id, integration.name || ' ' || release.name AS name, coalesce(release.tag, '') AS detail, 0 AS archived
FROM release JOIN integration ON integration.id = release.integration_id
WHERE release.name LIKE :start ESCAPE '\\' OR release.tag LIKE :part ESCAPE '\\'
    OR (length(:text) >= 7 AND release."commit" LIKE :start ESCAPE '\\')
ORDER BY release.id DESC LIMIT :limit
""",
}
_BY_ID = {
    "integration": "SELECT id, name, long_name AS detail, archived FROM integration WHERE id = ?",
    "tenant": """
SELECT tenant.id, integration.name || '/' || tenant.name AS name, '' AS detail, tenant.archived
FROM tenant JOIN integration ON integration.id = tenant.integration_id WHERE tenant.id = ?
""",
    "release": """
SELECT release.id, integration.name || ' ' || release.name AS name, coalesce(release.tag, '') AS detail, 0 AS archived
FROM release JOIN integration ON integration.id = release.integration_id WHERE release.id = ?
""",
    "run": """
SELECT run.id, integration.name || '/' || tenant.name AS name, run.phase AS detail, 0 AS archived
FROM run JOIN tenant ON tenant.id = run.tenant_id JOIN integration ON integration.id = run.integration_id
WHERE run.id = ?
""",
}
KINDS = tuple(_BY_ID)


@dataclass(frozen=True, slots=True)
class Found:
    """Something with a page of its own."""

    kind: str
    id: int
    name: str
    detail: str
    archived: bool


def by_name(reader: sqlite3.Connection, kind: str, text: str, limit: int) -> list[Found]:
    """Those whose name has the text, those that begin with it first; runs have no names."""
    if kind not in _BY_NAME:
        return []
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    values = {
        "text": text,
        "part": f"%{escaped}%",
        "start": f"{escaped}%",
        "whole": "/" in text,
        "limit": limit,
    }
    return [_found(kind, row) for row in reader.execute(_BY_NAME[kind], values)]


def by_id(reader: sqlite3.Connection, kind: str, key: int) -> list[Found]:
    """The one with this id, if there is one."""
    return [_found(kind, row) for row in reader.execute(_BY_ID[kind], (key,))]


def _found(kind: str, row: sqlite3.Row) -> Found:
    return Found(kind, row["id"], row["name"], row["detail"], bool(row["archived"]))
