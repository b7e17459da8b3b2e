"""A real Scrapyd with deploy/scrapyd.conf: deployed to, scheduled over HTTP, asked how it went."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
import venv
from base64 import b64encode
from configparser import ConfigParser
from contextlib import contextmanager
from socket import create_server
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zipfile import ZipFile

import pytest

from tests.balance import assert_balance
from tests.conftest import ROOT, clean_environment
from tests.receiver import service
from tests.test_crawl import reachable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Serve

# Seconds. A crawl of the small site takes five.
PATIENCE = 90
SITE: dict[str, Any] = {"articles": 40, "days": 3, "plain": True}
PASSWORD = "for-one-test"  # noqa: S105 (as it says)
BORDER = "border-of-the-form"


class Scrapyd:
    """A running Scrapyd, asked over HTTP."""

    def __init__(self, port: int, log: Path) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._log = log

    def ask(self, path: str, **form: str) -> dict[str, Any]:
        """Get, or post a form."""
        return self.send(path, urlencode(form).encode() if form else None)

    def deploy(self, egg: Path) -> dict[str, Any]:
        """Post the egg as version 1, as `curl -F` does."""
        fields = {"project": b"observer", "version": b"1", "egg": egg.read_bytes()}
        parts = (_part(name, value) for name, value in fields.items())
        body = b"".join(parts) + f"--{BORDER}--\r\n".encode()
        return self.send("addversion.json", body, f"multipart/form-data; boundary={BORDER}")

    def send(
        self,
        path: str,
        body: bytes | None = None,
        content_type: str = "application/x-www-form-urlencoded",
        password: str = PASSWORD,
    ) -> dict[str, Any]:
        word = b64encode(f"observer:{password}".encode()).decode()
        headers = {"Authorization": f"Basic {word}", "Content-Type": content_type}
        request = urllib.request.Request(f"{self.url}/{path}", body, headers)  # noqa: S310 (http)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 (as above)
            told: dict[str, Any] = json.loads(answer.read())
        return told

    def run(self, **form: str) -> dict[str, Any]:
        """Schedule a job and wait until Scrapyd lists it as finished."""
        job = self.ask("schedule.json", project="observer", **form)["jobid"]

        def ended() -> list[dict[str, Any]]:
            listed = self.ask("listjobs.json?project=observer")["finished"]
            return [each for each in listed if each["id"] == job]

        self.wait(ended)
        (found,) = ended()
        return found

    def wait(self, condition: Any) -> None:  # noqa: ANN401 (anything that is called)
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, self.said()
            time.sleep(0.05)

    def said(self) -> str:
        return self._log.read_text("utf-8", "replace")

    def answers(self) -> bool:
        try:
            return bool(self.ask("daemonstatus.json")["status"] == "ok")
        except (ConnectionError, urllib.error.URLError):
            return False


def _part(name: str, value: bytes) -> bytes:
    kind = f'form-data; name="{name}"' + ('; filename="observer.egg"' if name == "egg" else "")
    return f"--{BORDER}\r\nContent-Disposition: {kind}\r\n\r\n".encode() + value + b"\r\n"


def configured(folder: Path) -> int:
    """Write the project's own configuration for a folder and a free port; gives the port."""
    text = (ROOT / "deploy" / "scrapyd.conf").read_text("utf-8")
    config = ConfigParser()
    config.read_string(text.replace("/var/lib/observer/scrapyd", str(folder)))
    with create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    assert config["scrapyd"]["bind_address"] == "127.0.0.1"
    config["scrapyd"].update(http_port=str(port), password=PASSWORD, poll_interval="0.2")
    with (folder / "scrapyd.conf").open("w", encoding="utf-8") as file:
        config.write(file)
    return port


@contextmanager
def running(folder: Path, **env: str) -> Iterator[Scrapyd]:
    """Run one until the test ends."""
    port, log = configured(folder), folder / "scrapyd.log"
    scrapyd = Scrapyd(port, log)
    # An environment with all that a crawl imports and without the project: one that is installed
    # beside Scrapyd comes before the egg. (A folder on PYTHONPATH brings no editable installs.)
    venv.create(folder / "env", symlinks=True)
    more = {**env, "PYTHONPATH": sysconfig.get_path("purelib"), "HOME": str(folder)}
    command = [str(folder / "env" / "bin" / "python"), "-m", "scrapyd", "--pidfile="]
    surroundings = clean_environment(folder / "stats.json", more)
    with (
        log.open("wb") as out,
        subprocess.Popen(command, cwd=folder, env=surroundings, stdout=out, stderr=out) as process,
    ):
        try:
            scrapyd.wait(scrapyd.answers)
            yield scrapyd
        finally:
            process.terminate()


def egg_in(folder: Path) -> Path:
    """Pack the egg as README.md says."""
    egg = folder / "observer.egg"
    subprocess.run([sys.executable, "deploy/egg.py", str(egg)], cwd=ROOT, check=True)
    return egg


def with_one_spider_more(egg: Path) -> Path:
    """Add a spider that only this egg has: who lists it has read the egg."""
    text = "from scrapy import Spider\n\nclass More(Spider):\n    name = 'of_the_egg'\n"
    with ZipFile(egg, "a") as archive:
        archive.writestr("observer_crawler/spiders/of_the_egg.py", text)
    return egg


def test_a_crawl_is_deployed_scheduled_and_read(replica: Serve, tmp_path: Path) -> None:
    server, data = replica(**SITE), tmp_path / "data"
    with (
        service() as told,
        running(tmp_path, OBSERVER_DATA=str(data), OBSERVER_HEARTBEAT=told.url) as scrapyd,
    ):
        assert scrapyd.deploy(with_one_spider_more(egg_in(tmp_path)))["status"] == "ok"
        spiders = scrapyd.ask("listspiders.json?project=observer")["spiders"]
        assert spiders == ["observer", "observer_archive", "observer_captures", "of_the_egg"]
        job = scrapyd.run(spider="observer", site=server.url, setting="DOWNLOAD_DELAY=0.001")
        log = tmp_path / "logs" / "observer" / "observer" / f"{job['id']}.log"
        assert told.words == ["start", "0"], log.read_text("utf-8") + scrapyd.said()
        # A job that cannot start is finished too, for Scrapyd. The heartbeat knows better.
        scrapyd.run(spider="observer", site=server.url, sektions="x")
        assert told.words == ["start", "0", "1"]
        assert "unknown argument 'sektions'; did you mean 'sections'?" in told.calls[-1].body
    assert sorted({line["id"] for line in articles(data)}) == sorted(reachable(server))
    assert_balance(data)
    assert told.url not in scrapyd.said()
    assert told.url not in log.read_text("utf-8")


def articles(data: Path) -> list[dict[str, Any]]:
    files = sorted((data / "articles").glob("*/*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_bytes().splitlines()]


def test_nobody_is_let_in_without_the_password(tmp_path: Path) -> None:
    with running(tmp_path) as scrapyd:
        for password in ("", "PASSWORD"):
            with pytest.raises(urllib.error.HTTPError) as refused:
                scrapyd.send("daemonstatus.json", password=password)
            assert refused.value.code == 401
            refused.value.close()


def test_an_egg_holds_every_module_and_names_the_settings(tmp_path: Path) -> None:
    with ZipFile(egg_in(tmp_path)) as egg:
        names = set(egg.namelist())
        entry = egg.read("EGG-INFO/entry_points.txt").decode()
    modules = (ROOT / "observer_crawler").rglob("*.py")
    assert {path.relative_to(ROOT).as_posix() for path in modules} <= names
    assert re.search(r"^settings = observer_crawler\.settings$", entry, re.MULTILINE)
