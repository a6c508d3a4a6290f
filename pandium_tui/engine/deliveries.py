"""Delivering a message: to a command, a webhook or a mail server. Each takes as long as others do, within limits.

What goes wrong is told without repeating what the other side said, which may hold whatever was sent to it.
"""

import contextlib
import hashlib
import hmac
import ipaddress
import json
import os
import signal
import smtplib
import ssl
import subprocess
import time
from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any
from urllib.parse import urlsplit

from pandium_tui.builds.passed_variables import passed_to_runs
from pandium_tui.engine.notification_messages import Message
from pandium_tui.settings import Settings
from pandium_tui.storage.database import Store
from pandium_tui.storage.vault import MissingSecretError, SealContext, Secret, Vault, VaultError

COMMAND_LIMIT = 30.0
"""Seconds a command may take."""

ANSWER_LIMIT = 10.0
"""Seconds for each step of talking to a web or mail server."""

TIMESTAMP_HEADER = "X-Pandium-TUI-Timestamp"
SIGNATURE_HEADER = "X-Pandium-TUI-Signature"

SMTP_PASSWORD = SealContext("account", "", "smtp", "password")
"""Where the password of the mail server is sealed, one for the installation."""

_PASSED = ("PATH", "HOME", "LANG", "TZ", "USER", "LOGNAME", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")


class DeliveryError(Exception):
    """A message did not arrive; the text says why, for people, and holds no secret."""


def secret_context(notification_uuid: str) -> SealContext:
    """Where the secret that signs a webhook is sealed."""
    return SealContext("account", "", notification_uuid, "secret")


def deliver(store: Store, kind: str, target: Mapping[str, Any], notification_uuid: str, message: Message) -> None:
    """Deliver a message. Blocks for seconds: never call it where others wait.

    Raises:
        DeliveryError: it did not arrive, or nobody knows.
    """
    try:
        match kind:
            case "command":
                _to_command(target["command"], message)
            case "webhook":
                _to_webhook(target["url"], Vault(store).open(secret_context(notification_uuid)), message)
            case "email":
                _to_mail_server(store, target["to"], message)
    except VaultError as error:
        raise DeliveryError(str(error)) from None


def _to_command(command: list[str], message: Message) -> None:
    environment = {name: os.environ[name] for name in _PASSED if os.environ.get(name)} | passed_to_runs(os.environ)
    content = json.dumps(message.payload).encode() + b"\n"
    quiet = subprocess.DEVNULL
    try:
        process = subprocess.Popen(
            command, cwd="/", env=environment, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, start_new_session=True
        )
    except (OSError, ValueError) as error:
        raise DeliveryError(f"{command[0]} cannot be started: {error}") from None
    with process:
        try:
            process.communicate(content, timeout=COMMAND_LIMIT)
        except subprocess.TimeoutExpired:
            # It was not waited for yet, so that its group is nobody else's.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            raise DeliveryError(f"{command[0]} took longer than {COMMAND_LIMIT:g} s and was ended") from None
    if process.returncode < 0:
        raise DeliveryError(f"{command[0]} was ended by signal {-process.returncode}")
    if process.returncode:
        raise DeliveryError(f"{command[0]} ended with exit code {process.returncode}")


def signature(secret: Secret, timestamp: str, body: bytes) -> str:
    """The signature of a webhook: HMAC-SHA256 over the time stamp, a dot and the body, in hexadecimal digits."""
    signed = timestamp.encode() + b"." + body
    return f"sha256={hmac.new(secret.encoded(), signed, hashlib.sha256).hexdigest()}"


def _to_webhook(url: str, secret: Secret, message: Message) -> None:
    import httpx

    host = urlsplit(url).hostname or "the host"
    body = json.dumps(message.payload).encode()
    timestamp = str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "pandium-tui",
        TIMESTAMP_HEADER: timestamp,
        SIGNATURE_HEADER: signature(secret, timestamp, body),
    }
    try:
        with (
            httpx.Client(timeout=ANSWER_LIMIT, follow_redirects=False) as client,
            # Its body is not read: it may be endless, and is nothing to us.
            client.stream("POST", url, content=body, headers=headers) as answer,
        ):
            status, redirected = answer.status_code, answer.is_redirect
    except httpx.TimeoutException:
        raise DeliveryError(f"{host} gave no answer in {ANSWER_LIMIT:g} s") from None
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
        raise DeliveryError(f"{host} cannot be reached ({type(error).__name__})") from None
    if redirected:
        raise DeliveryError(
            f"{host} answered {status}, a redirect, which is not followed: name the address it leads to"
        )
    if not 200 <= status < 300:
        raise DeliveryError(f"{host} answered {status}")


def _to_mail_server(store: Store, recipients: list[str], message: Message) -> None:
    settings = store.settings
    if problem := mail_problem(settings):
        raise DeliveryError(problem)
    try:
        password = Vault(store).open(SMTP_PASSWORD) if settings.smtp_username else None
    except MissingSecretError:
        raise DeliveryError(
            f"no password is sealed for {settings.smtp_username}: pandium-tui notification smtp-password"
        ) from None
    place = f"the mail server {settings.smtp_host}:{settings.smtp_port}"
    try:
        with _connected(settings) as server:
            if password is not None:
                server.login(settings.smtp_username, password.reveal())
            server.send_message(_mail(settings, recipients, message))
    except smtplib.SMTPAuthenticationError as error:
        raise DeliveryError(f"{place} refuses the user name or password ({error.smtp_code})") from None
    except smtplib.SMTPRecipientsRefused:
        raise DeliveryError(f"{place} refuses every recipient") from None
    except smtplib.SMTPResponseException as error:
        raise DeliveryError(f"{place} answered {error.smtp_code}") from None
    except (smtplib.SMTPException, OSError) as error:
        raise DeliveryError(f"{place} cannot be used ({type(error).__name__})") from None


def mail_problem(settings: Settings) -> str | None:
    """What is missing or wrong in the settings of the mail server; None when nothing is."""
    if not settings.smtp_host or not settings.smtp_from:
        return "no mail server is set: smtp_host and smtp_from in config.toml"
    if settings.smtp_username and settings.smtp_security == "none" and not is_loopback(settings.smtp_host):
        return 'a password is not sent without encryption: set smtp_security to "starttls" or "tls"'
    return None


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _connected(settings: Settings) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if settings.smtp_security == "tls":
        return smtplib.SMTP_SSL(settings.smtp_host, settings.smtp_port, timeout=ANSWER_LIMIT, context=context)
    with contextlib.ExitStack() as on_failure:
        server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=ANSWER_LIMIT)
        on_failure.callback(server.close)
        if settings.smtp_security == "starttls":
            server.starttls(context=context)
        on_failure.pop_all()
    return server


def _mail(settings: Settings, recipients: list[str], message: Message) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = settings.smtp_from
    mail["To"] = tuple(Address(addr_spec=one) for one in recipients)
    mail["Subject"] = message.subject
    mail["Date"] = formatdate()
    mail["Message-ID"] = make_msgid("pandium-tui", settings.smtp_from.rpartition("@")[2].strip(">") or None)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(f"{message.text}\n\n-- \nIntegration {message.payload['integration']['name']}, pandium-tui\n")
    return mail
