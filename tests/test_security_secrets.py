"""Who is spoken to, and what is never said: certificates, listening sockets, secrets."""

from __future__ import annotations

import datetime as dt
import gzip
import os
import re
import signal
import sys
import threading
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler import mails
from observer_crawler.calls import call
from observer_crawler.replica.page import Page
from tests import tls
from tests.conftest import run_scrapy
from tests.receiver import service
from tests.test_hostile_site import SMALL, TEXT
from tests.test_settings import project_settings

if TYPE_CHECKING:
    from tests.conftest import RunCrawl, Serve, StartCrawl

LOOPBACK = "127.0.0.1"
# Linux answers at it, and mails.py does not take it for this machine.
OTHER = "127.0.0.2"
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="/proc, and 127.0.0.2")


def certificate(tmp_path: Path, host: str) -> Path:
    return tls.certificate(tmp_path, ip_address(host))  # type: ignore[arg-type]


def test_a_crawl_says_nothing_to_a_site_that_nobody_vouches_for(
    crawl: RunCrawl, tmp_path: Path
) -> None:
    with tls.server(certificate(tmp_path, LOOPBACK), tls.at_once, LOOPBACK) as there:
        run = crawl(site=f"https://{LOOPBACK}:{there.port}")
    assert run.code == 3
    assert set(there.heard) == {b""}


def test_a_heartbeat_says_nothing_to_a_service_that_nobody_vouches_for(tmp_path: Path) -> None:
    with tls.server(certificate(tmp_path, LOOPBACK), tls.at_once, LOOPBACK) as there:
        said = call(f"https://{LOOPBACK}:{there.port}/secret", "body", "text/plain")
    assert "CERTIFICATE_VERIFY_FAILED" in said.upper()
    assert there.heard == [b""]


@ON_LINUX
@pytest.mark.parametrize(("scheme", "talk"), [("smtps", tls.at_once), ("smtp", tls.starttls)])
def test_a_password_is_not_sent_to_a_mail_server_that_nobody_vouches_for(
    tmp_path: Path, scheme: str, talk: tls.Talk
) -> None:
    with tls.server(certificate(tmp_path, OTHER), talk, OTHER) as there:
        server = mails.read_server(f"{scheme}://me:password@{OTHER}:{there.port}")
        assert server is not None
        mail = mails.message("a@b.example", ["c@d.example"], "s", "t", dt.datetime.now(dt.UTC))
        said = mails.send(server, mail)
    assert "CERTIFICATE_VERIFY_FAILED" in said.upper()
    assert there.heard[-1] == b""
    assert not [piece for piece in there.heard if b"AUTH" in piece]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_call_follows_no_redirect(status: int) -> None:
    with service() as inner, service([status], location=inner.url) as outer:
        assert call(outer.url, "body", "text/plain") == f"it answered {status}"
        assert inner.calls == []


# Sockets.


def listening(pid: int) -> set[str]:
    """The addresses at which a process listens, as /proc writes them."""
    here = Path(f"/proc/{pid}")
    inodes = set()
    for link in (here / "fd").iterdir():
        try:
            if match := re.fullmatch(r"socket:\[(\d+)\]", str(link.readlink())):
                inodes.add(match[1])
        except OSError:
            continue
    rows = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in (here / "net" / table).read_text().splitlines()[1:]
    ]
    return {row[1] for row in rows if row[3] == "0A" and row[9] in inodes}


@ON_LINUX
def test_a_crawl_listens_nowhere_and_leaves_no_token(
    replica: Serve, start_crawl: StartCrawl, tmp_path: Path
) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def hold(_: int) -> Page:
        asked.set()
        go_on.wait(60)
        return Page(404, TEXT, b"")

    server = replica({"/robots.txt": hold}, **SMALL)
    home = tmp_path / "home"
    home.mkdir()
    places = dict.fromkeys(("HOME", "TMPDIR", "XDG_RUNTIME_DIR", "XDG_STATE_HOME"), str(home))
    with start_crawl(site=server.url, env=places) as run:
        run.until(asked.is_set)
        try:
            assert listening(run.process.pid) == set()
            run.stop(signal.SIGKILL)
        finally:
            go_on.set()
    assert list(home.rglob("*")) == []


@ON_LINUX
def test_the_judge_of_sockets_sees_one() -> None:
    with service():
        assert len(listening(os.getpid())) >= 1


@pytest.mark.parametrize("name", ["REMOTE_CONTROL_ENABLED", "TELNETCONSOLE_ENABLED"])
def test_the_ways_into_a_running_process_are_off_for_every_command(name: str) -> None:
    assert project_settings().getbool(name) is False
    run = run_scrapy("settings", "--get", name)
    assert run.stdout.strip() == "False"


# Secrets.


def everything(data: Path) -> str:
    """All that stands in a folder, unpacked, and the names of its files."""
    pieces = []
    for path in sorted(data.rglob("*")):
        if path.is_file():
            body = path.read_bytes()
            if path.suffix == ".gz":
                body = gzip.decompress(body)
            pieces.append(f"{path}\n{body.decode('latin-1')}")
    return "\n".join(pieces)


def planted(proxy: str) -> dict[str, str]:
    """A secret in each knob that takes one; nobody answers but the proxy."""
    return {
        "OBSERVER_HEARTBEAT": "http://127.0.0.1:9/ping/S3CRET-heartbeat",
        "OBSERVER_ALARM_WEBHOOK": "http://127.0.0.1:9/S3CRET-hook?key=S3CRET-key",
        "OBSERVER_ALARM_MAIL": "S3CRET-mailbox@example.org",
        "OBSERVER_ALARM_SMTP": "smtp://S3CRET-user:S3CRET-password@127.0.0.1:9",
        "http_proxy": proxy.replace("http://", "http://S3CRET-name:S3CRET-pass@"),
    }


# A user and a password as they go over the line (RFC 7617).
SECRETS = re.compile(r"S3CRET|UzNDUkVU|(?i:proxy-authorization)")


def test_no_secret_is_written_or_said(replica: Serve, crawl: RunCrawl, tmp_path: Path) -> None:
    server = replica(**SMALL)
    env = planted(server.url)
    settings = {"OBSERVER_CONTACT": "you@example.org", "OBSERVER_CAPTURE": 1}
    run = crawl("-L", "DEBUG", site="http://8.8.8.8", settings=settings, env=env)
    assert server.log[-1].headers.get("Proxy-Authorization", "").startswith("Basic ")
    data = tmp_path / "data"
    assert "WARC/1" in everything(data)
    common = ("-s", f"OBSERVER_DATA={data}", "-s", "OBSERVER_CONTACT=you@example.org")
    quick = ("-s", "DOWNLOAD_DELAY=0.001", "-s", "OBSERVER_RETRY_SECONDS=0.01")
    a_day = ["-a", "site=http://8.8.8.8", "-a", "ids=1-2"]
    others = [
        run_scrapy("status", "--json", *common, env=env),
        run_scrapy("night", "--no-export", *a_day, *quick, *common, env=env),
        run_scrapy("doctor", "http://8.8.8.8", "--out", tmp_path / "d.zip", *common, env=env),
    ]
    said = [run.out, run.err, repr(run.stats), *(f"{o.stdout}{o.stderr}" for o in others)]
    found = [SECRETS.findall(text) for text in (*said, everything(data))]
    assert found == [[]] * len(found)


@pytest.mark.parametrize(
    ("spider", "arguments", "env"),
    [
        ("observer", {"site": "https://me:S3CRET@example.org"}, {}),
        ("observer", {"site": "me:S3CRET@example.org"}, {}),
        ("observer", {"site": "https://me:S3CRET@example.org:99999"}, {}),
        ("observer_captures", {"source": "https://me:S3CRET@example.org/coll"}, {}),
        ("observer", {}, {"OBSERVER_WAYBACK": "https://me:S3CRET@example.org"}),
        ("observer", {}, {"OBSERVER_ALARM_SMTP": "smtp://me:S3CRET@"}),
    ],
)
def test_a_password_in_a_wrong_value_is_not_shown(
    crawl: RunCrawl, spider: str, arguments: dict[str, Any], env: dict[str, str]
) -> None:
    with service() as told:
        env = {**env, "OBSERVER_HEARTBEAT": told.url}
        run = crawl(spider=spider, env=env, **arguments)
    assert run.code == 1
    assert "S3CRET" not in f"{run.out}{run.err}{told.calls}"
