"""One mail over SMTP, bounded in time; its password and addresses are never shown.

Scrapy's own mail module is deprecated and needs the reactor, which has ended when an alarm is
told. This file must not know Scrapy.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from observer_crawler.calls import SECONDS, in_time, why

if TYPE_CHECKING:
    import datetime as dt

_SERVER = re.compile(
    r"(?P<scheme>smtps?)://(?:(?P<user>[^:@/\s]+):(?P<password>[^@/\s]+)@)?"
    r"(?P<host>[A-Za-z0-9.-]+)(?::(?P<port>\d{1,5}))?/?"
)
_ONE = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")
_LOOPBACK = frozenset(("localhost", "127.0.0.1"))
# RFC 8314: mail over TLS from the first byte, handed in with a password, and as it always was.
_SUBMISSIONS, _SUBMISSION, _SMTP = 465, 587, 25


class Server(NamedTuple):
    """Who takes mails; `is_tls`: from the first byte. `user` is empty where nobody is asked."""

    host: str
    port: int
    is_tls: bool
    user: str
    password: str


def read_server(text: str) -> Server | None:
    """Read the address of a server; None for what is none.

    >>> read_server("smtp://me:p%40ss@mail.example.org")
    Server(host='mail.example.org', port=587, is_tls=False, user='me', password='p@ss')
    """
    match = _SERVER.fullmatch(text)
    if match is None:
        return None
    user, is_tls = unquote(match["user"] or ""), match["scheme"] == "smtps"
    usual = _SUBMISSIONS if is_tls else _SUBMISSION if user else _SMTP
    port = int(match["port"] or usual)
    return Server(match["host"], port, is_tls, user, unquote(match["password"] or ""))


def addresses(text: str) -> list[str]:
    """Give the addresses of a list with commas; empty where one of them is none.

    >>> addresses("a@example.org, b@example.org"), addresses("a@example.org, b")
    (['a@example.org', 'b@example.org'], [])
    """
    found = [part.strip() for part in text.split(",")]
    return found if all(map(_ONE.fullmatch, found)) else []


def message(sender: str, to: list[str], subject: str, text: str, now: dt.datetime) -> EmailMessage:
    """Write a mail."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, ", ".join(to), subject
    mail["Date"] = format_datetime(now)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    mail.set_content(text)
    return mail


def send(server: Server, mail: EmailMessage) -> str:
    """Send a mail; give what went wrong, empty when the server took it."""
    return in_time(lambda: _send(server, mail))


def _send(server: Server, mail: EmailMessage) -> str:
    try:
        with _connected(server) as smtp:
            if server.user:
                smtp.login(server.user, server.password)
            smtp.send_message(mail)
    except smtplib.SMTPRecipientsRefused as err:
        codes = sorted({code for code, _ in err.recipients.values()})
        return f"it refuses the recipients ({', '.join(map(str, codes))})"
    except smtplib.SMTPResponseException as err:
        return f"it answered {err.smtp_code}"
    except smtplib.SMTPException as err:
        return type(err).__name__  # their texts show addresses
    except OSError as err:
        return why(err)
    return ""


def _connected(server: Server) -> smtplib.SMTP:
    """Connect; a password travels in the open to this machine alone."""
    context = ssl.create_default_context()
    if server.is_tls:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=context)
    smtp = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
    if server.user and server.host not in _LOOPBACK:
        try:
            smtp.starttls(context=context)
        except BaseException:
            smtp.close()
            raise
    return smtp
