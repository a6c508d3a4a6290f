"""Logging in to a database for a test: the password is checked, ``SELECT 1`` is answered, nothing else is asked."""

import ssl
from collections.abc import Mapping
from typing import Any, Literal, NoReturn

from pandium_tui.connectors.hosts import EndedError, Host
from pandium_tui.connectors.links import end_for_tls, linked, tls_context
from pandium_tui.connectors.speech import Speech

LOGGED_IN = "logged in, and SELECT 1 was answered"


def log_in_to_postgresql(host: Host, values: Mapping[str, str], speech: Speech) -> str:
    """What was found when the login worked; TLS is as ``sslmode`` and ``ssl_root_cert`` say.

    Raises:
        EndedError: it did not work.
    """
    mode = values.get("sslmode") or "verify-full"
    ways = _postgresql_ways(mode, values.get("ssl_root_cert", ""))
    for number, context in enumerate(ways, start=1):
        last = number == len(ways)
        try:
            return _ask_postgresql(host, values, context, speech, may_try_again=not last)
        except _OtherWayError:
            continue
    raise EndedError("unreachable", f"{host.name} does not offer TLS, which the SSL mode {mode} asks for")


def log_in_to_mysql(host: Host, values: Mapping[str, str], speech: Speech) -> str:
    """What was found when the login worked; TLS is as ``tls`` says, by default where the server offers it.

    Raises:
        EndedError: it did not work.
    """
    import pymysql
    from pymysql.constants import CR

    connection = pymysql.connect(
        host=host.name,
        port=host.port,
        user=values["username"],
        password=values["password"],
        database=values["database"],
        autocommit=None,
        local_infile=False,
        auth_plugin_map={"mysql_clear_password": _NoClearText},
        defer_connect=True,
        **_mysql_tls(values.get("tls", "")),
    )
    with linked(host) as (link, in_time):
        try:
            connection.connect(link)
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
                cursor.fetchall()
            connection.close()
        except pymysql.err.MySQLError as error:
            code, said = (*error.args, "", "")[:2]
            if code == CR.CR_SSL_CONNECTION_ERROR:
                end_for_tls(host, error, "database")
            in_time(error)
            _end(host, _MYSQL.get(code), str(code), str(said), speech)
        except EndedError:
            raise
        except Exception as error:  # what is no MySQL server makes the driver stumble in every way
            in_time(error)
            end_for_tls(host, error, "database")
    return f"{LOGGED_IN} by {host.name}"


class _OtherWayError(Exception):
    """TLS is offered where it was not tried, or the other way round."""


class _NoClearText:
    """In place of a way to sign in that would send the password as it is."""

    def __init__(self, _connection: Any) -> None: ...

    def authenticate(self, _packet: Any) -> NoReturn:
        """Refuse.

        Raises:
            EndedError: always.
        """
        raise EndedError("cannot be tested", "The server asks for the password in clear text, which no test sends")


_REJECTED = "does not accept the credentials; enter them again or make new ones there"
_LACKING = "accepts the credentials, but they lack a right to this database, or it is not there"
_POSTGRESQL = {"28P01": _REJECTED, "28000": _REJECTED, "3D000": _LACKING, "42501": _LACKING}
_MYSQL = {1045: _REJECTED, 1698: _REJECTED, 1130: _REJECTED, 1044: _LACKING, 1049: _LACKING}


def _ask_postgresql(
    host: Host,
    values: Mapping[str, str],
    context: ssl.SSLContext | Literal[False] | None,
    speech: Speech,
    *,
    may_try_again: bool,
) -> str:
    from pg8000.exceptions import DatabaseError, InterfaceError
    from pg8000.native import Connection

    with linked(host) as (link, in_time):
        try:
            connection = Connection(
                values["username"],
                host=host.name,
                port=host.port,
                database=values["database"],
                password=values["password"],
                ssl_context=context,
                sock=link,
                application_name="pandium-tui",
            )
            connection.run("SELECT 1")
            connection.close()
        except DatabaseError as error:
            told = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
            code = str(told.get("C", ""))
            if code == "28000" and may_try_again:
                raise _OtherWayError from None
            _end(host, _POSTGRESQL.get(code), code, str(told.get("M", "")), speech)
        except InterfaceError as error:
            in_time(error)
            # The driver says so in words only: the server has answered the request for TLS with N.
            if "refuses SSL" in str(error):
                raise _OtherWayError from None
            end_for_tls(host, error, "database")
        except Exception as error:  # what is no PostgreSQL server makes the driver stumble in every way
            in_time(error)
            end_for_tls(host, error, "database")
    return f"{LOGGED_IN} by {host.name}"


def _postgresql_ways(mode: str, root: str) -> tuple[ssl.SSLContext | Literal[False] | None, ...]:
    """The ways in which a connection is tried, in order (PostgreSQL, "SSL Support").

    For the driver False is without TLS, and None with TLS where the server offers it.
    """
    match mode:
        case "disable":
            return (False,)
        case "allow":
            return (False, tls_context("none", ""))
        case "prefer":
            return (None,)
        case "require":
            # With a root certificate it is checked, as libpq does.
            return (tls_context("chain" if root else "none", root),)
        case "verify-ca":
            return (tls_context("chain", root),)
        case _:
            return (tls_context("name", root),)


def _mysql_tls(mode: str) -> dict[str, Any]:
    match mode.strip().lower().replace("_", "-"):
        case "" | "preferred":
            return {}
        case "disabled" | "none" | "false" | "0":
            return {"ssl_disabled": True}
        case "required" | "require" | "true" | "1":
            return {"ssl": tls_context("none", "")}
        case "verify-ca":
            return {"ssl": tls_context("chain", "")}
        case "verify-identity" | "verify-full":
            return {"ssl": tls_context("name", "")}
    known = "disabled, preferred, required, verify-ca or verify-identity"
    raise EndedError("cannot be tested", f"TLS is set to something unknown here; known are {known}")


def _end(host: Host, meaning: str | None, code: str, said: str, speech: Speech) -> NoReturn:
    quoted = speech.quotable(said)
    words = f'; it says "{quoted}"' if quoted else ""
    if meaning is None:
        raise EndedError("unreachable", f"{host.name} could not be logged in to (error {code}){words}")
    status = "rejected" if meaning is _REJECTED else "accepted, right missing"
    raise EndedError(status, f"{host.name} {meaning} (error {code}){words}")  # type: ignore[arg-type]
