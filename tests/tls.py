"""Servers with a certificate that nobody vouches for: they keep what they were told after all."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from ipaddress import IPv4Address
    from pathlib import Path

    Talk = Callable[[socket.socket, ssl.SSLContext, list[bytes]], None]


class Place(NamedTuple):
    """Where to come, and what was said by whoever came; an empty piece is a handshake that failed."""

    port: int
    heard: list[bytes]


def certificate(folder: Path, address: IPv4Address) -> Path:
    """Write a key and a certificate that it has signed itself, right in all but that."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, str(address))])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(address)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "self-signed.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@contextmanager
def server(path: Path, talk: Talk, host: str) -> Iterator[Place]:
    """Serve with this certificate until the end; each visitor is met by `talk`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    heard: list[bytes] = []
    with socket.create_server((host, 0)) as listening:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    visitor, _ = listening.accept()
                    with visitor:
                        visitor.settimeout(20)
                        with suppress(OSError):
                            talk(visitor, context, heard)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield Place(listening.getsockname()[1], heard)
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(30)


def at_once(visitor: socket.socket, context: ssl.SSLContext, heard: list[bytes]) -> None:
    """Speak TLS from the first byte, as https and smtps do."""
    try:
        with context.wrap_socket(visitor, server_side=True) as secure:
            heard.append(secure.recv(65536))
    except ssl.SSLError:
        heard.append(b"")


def starttls(visitor: socket.socket, context: ssl.SSLContext, heard: list[bytes]) -> None:
    """Speak SMTP in the open, and TLS when asked to."""
    visitor.sendall(b"220 hello\r\n")
    visitor.recv(4096)
    visitor.sendall(b"250-hello\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS\r\n")
    heard.append(visitor.recv(4096))
    visitor.sendall(b"220 go\r\n")
    at_once(visitor, context, heard)
