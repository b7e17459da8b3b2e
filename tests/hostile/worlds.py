"""The kinds of sites: http, https with each kind of certificate, a name that is not found."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from observer_crawler.replica import serve
from tests.hostile.names import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from observer_crawler.replica import Server
    from tests.hostile.site import Site

_HOST = "127.0.0.1"
# OpenSSL's own variable: the authorities that are trusted in the place of the machine's.
_TRUSTED = "SSL_CERT_FILE"
_NAME = x509.NameOID.COMMON_NAME


@dataclass
class World:
    """A site that is served, and what a crawl of it needs; `mend` undoes what is not the site's."""

    server: Server
    url: str
    mend: Callable[[], object] = lambda: None
    settings: Mapping[str, Any] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)

    def heal(self) -> None:
        """Make the site sound."""
        self.server.replica.is_healed = True  # type: ignore[attr-defined]  # a Site
        self.server.start()
        self.mend()


class Authority:
    """Who signs certificates; its own is `file`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(_NAME, "an authority of the tests")])
        self.file = self._written("authority", self._signed(self._name, self._key, "a.invalid"))

    def loaded(self, context: ssl.SSLContext, kind: str) -> None:
        """Let a server show a certificate: `sound`, `expired`, `other` (host) or `own` (unsigned)."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(_NAME, "a site of the tests")])
        host = "other.invalid" if kind == "other" else _HOST
        issuer = name if kind == "own" else self._name
        made = self._signed(name, key, host, issuer=issuer, is_over=kind == "expired")
        context.load_cert_chain(self._written(kind, made, key))

    def _signed(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        host: str,
        *,
        issuer: x509.Name | None = None,
        is_over: bool = False,
    ) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)
        until = now - dt.timedelta(days=1) if is_over else now + dt.timedelta(days=2)
        is_address = host == _HOST
        alternative = (
            x509.IPAddress(ipaddress.ip_address(host)) if is_address else x509.DNSName(host)
        )
        signer = key if issuer == name else self._key
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(issuer or name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=3))
            .not_valid_after(until)
            .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
            .add_extension(
                x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True
            )
            .sign(signer, hashes.SHA256())
        )

    def _written(
        self, kind: str, made: x509.Certificate, key: ec.EllipticCurvePrivateKey | None = None
    ) -> Path:
        path = self._folder / f"{kind}.pem"
        pem = made.public_bytes(serialization.Encoding.PEM)
        if key is not None:
            pem += key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        path.write_bytes(pem)
        return path


@contextmanager
def entered(kind: str, site: Site, folder: Path) -> Iterator[World]:
    """Serve a site: as `http`, `down` (nobody listens), `named`, `nameless` or `https KIND`."""
    site.folder = folder
    if kind.startswith("https"):
        with _secured(kind.partition(" ")[2], site, folder) as world:
            yield world
        return
    with serve(site) as server:
        site.server = server
        if kind == "down":
            server.stop()
        if kind in {"named", "nameless"}:
            yield _named(server, folder, is_known=kind == "named")
        else:
            yield World(server, server.url)


@contextmanager
def _secured(kind: str, site: Site, folder: Path) -> Iterator[World]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority = Authority(folder)
    site.show = lambda kind: authority.loaded(context, kind)
    site.show(kind)
    with serve(site, tls=context) as server:
        site.server = server
        env = {_TRUSTED: str(authority.file)}
        yield World(server, server.url, lambda: site.show("sound"), env=env)


def _named(server: Server, folder: Path, *, is_known: bool) -> World:
    """Give a site whose name nobody knows while a file stands there."""
    unknown = folder / "unknown"
    if not is_known:
        unknown.touch()
    settings = {"EXTENSIONS": '{"tests.hostile.names.Names": 1}', "DNSCACHE_ENABLED": 0}
    url = f"http://localhost:{server.port}"
    env = {UNKNOWN: str(unknown)}
    return World(server, url, lambda: unknown.unlink(missing_ok=True), settings, env)
