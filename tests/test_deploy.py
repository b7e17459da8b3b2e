"""What deploy/ holds, judged by the programs that it is written for."""

from __future__ import annotations

import fcntl
import grp
import os
import pwd
import re
import subprocess
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler import settings
from tests.conftest import ROOT
from tests.receiver import Service, service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Serve

DEPLOY = ROOT / "deploy"
UNITS = sorted(path.name for path in (*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")))
CRAWLING = ["observer-archive.service", "observer-night.service"]
# Where README.md puts things, and where they are for a test.
INSTALLED, DATA, LOGS, ENV = (
    *("/srv/observer_crawler", "/var/lib/observer/data", "/var/log/observer", "/etc/observer.env"),
)
# Tenths of systemd's exposure level: 2 and below is its best grade.
EXPOSURE = 20
# Where logrotate stands, which is not on the path of every user.
WITH_SBIN = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
SITE: dict[str, Any] = {"articles": 40, "days": 3, "plain": True, "robots": "none"}


def run(*command: str, **more: Any) -> subprocess.CompletedProcess[str]:  # noqa: ANN401 (passed on)
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False, **more)


def text_of(name: str) -> str:
    return (DEPLOY / name).read_text("utf-8")


# systemd ------------------------------------------------------------------------------------


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """All units in one folder, their program being the one of this checkout."""
    for name in UNITS:
        (tmp_path / name).write_text(text_of(name).replace(INSTALLED, str(ROOT)))
    return tmp_path


def verify(units: Path) -> subprocess.CompletedProcess[str]:
    return run("systemd-analyze", "verify", *(str(units / name) for name in UNITS))


@pytest.mark.system
def test_systemd_finds_nothing_wrong_with_the_units(units: Path) -> None:
    done = verify(units)
    # Units of the machine itself may be wrong; what is said of ours names the folder or its file.
    assert [line for line in (done.stdout + done.stderr).splitlines() if "observer" in line] == []
    assert done.returncode == 0


@pytest.mark.system
@pytest.mark.parametrize(
    ("file", "right", "wrong"),
    [
        ("observer-night.service", "KillMode=mixed", "KillMode=gentle"),
        ("observer-night.service", "/.venv/bin/scrapy", "/.venv/bin/scrappy"),
        ("observer-night.timer", "Asia/Dhaka", "Asia/Nowhere"),
    ],
)
def test_systemd_finds_what_is_wrong(units: Path, file: str, right: str, wrong: str) -> None:
    text = (units / file).read_text()
    assert right in text
    (units / file).write_text(text.replace(right, wrong))
    done = verify(units)
    assert "observer" in done.stdout + done.stderr


@pytest.mark.system
@pytest.mark.parametrize("name", CRAWLING)
def test_a_unit_that_crawls_may_do_little_else(units: Path, name: str) -> None:
    command = ("systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE}")
    done = run(*command, str(units / name))
    assert done.returncode == 0, done.stdout[-300:]


def options(name: str) -> dict[str, list[str]]:
    """Give the options of a unit; one may stand several times."""
    found: dict[str, list[str]] = {}
    for line in text_of(name).splitlines():
        key, is_option, value = line.partition("=")
        if is_option and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def test_the_first_crawl_is_started_again_but_not_where_a_person_is_needed() -> None:
    found = options("observer-archive.service")
    assert found["Restart"] == ["on-failure"]
    assert {"1", "4", "5"} <= set(found["RestartPreventExitStatus"][0].split())
    assert "3" not in found["RestartPreventExitStatus"][0].split()
    assert found["StartLimitIntervalSec"] == ["0"]


def test_a_night_that_has_something_left_wakes_nobody() -> None:
    assert options("observer-night.service")["SuccessExitStatus"] == ["3"]


@pytest.mark.parametrize("name", CRAWLING)
def test_a_unit_that_crawls_tells_its_failure_and_gives_a_crawl_its_time(name: str) -> None:
    found = options(name)
    assert found["OnFailure"] == ["observer-alert@%N.service"]
    assert int(found["TimeoutStopSec"][0]) > settings.DOWNLOAD_TIMEOUT + 2 * 2 * 10


# cron and logs ------------------------------------------------------------------------------


@pytest.fixture
def told() -> Iterator[Service]:
    with service() as made:
        yield made


def cron_lines(folder: Path) -> list[str]:
    """Give the commands of deploy/crontab, below a folder in the place of the machine's."""
    lines = [line for line in text_of("crontab").splitlines() if re.match(r"\d", line)]
    commands = [line.split(maxsplit=5)[5] for line in lines]
    places = {INSTALLED: ROOT, LOGS: folder, ENV: folder / "observer.env"}
    for installed, here in places.items():
        commands = [command.replace(installed, str(here)) for command in commands]
    return commands


def cron(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line as cron does: sh, and next to no environment."""
    env = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LOGNAME": "observer"}
    return run("/bin/sh", "-c", command, env=env, cwd=folder)


def write_env(folder: Path, told: Service, **more: str) -> None:
    """Fill in observer.env.example."""
    text = text_of("observer.env.example").replace(DATA, str(folder / "data"))
    text = re.sub(r'#(OBSERVER_HEARTBEAT=").*"', rf'\1{told.url}"', text)
    text += "".join(f'{name}="{value}"\n' for name, value in more.items())
    (folder / "observer.env").write_text(text)


def night_line(folder: Path, site: str) -> str:
    """Give the line of the night, with a copy of the site in the newspaper's place."""
    night, _ = cron_lines(folder)
    quick = f"scrapy night -a site={site} -a from_date=2025-06-01 -s DOWNLOAD_DELAY=0.001"
    assert "scrapy night " in night
    return night.replace("scrapy night", quick)


@pytest.mark.system
def test_the_lines_of_the_crontab_are_silent_after_a_good_night_and_tell_a_bad_one(
    replica: Serve, tmp_path: Path, told: Service
) -> None:
    server, (_, check) = replica(**SITE), cron_lines(tmp_path)
    write_env(tmp_path, told, OBSERVER_NOW="2025-06-16T21:30:00+06:00")
    before = cron(check, tmp_path)
    assert (before.returncode, before.stdout) == (4, "")
    assert "No good run of observer_archive ended in" in before.stderr
    night = night_line(tmp_path, server.url)
    done = cron(night, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done
    assert (tmp_path / "data" / "dataset" / "latest").exists()
    assert told.words == ["start", "0"]
    after = cron(check, tmp_path)
    assert (after.returncode, after.stdout, after.stderr) == (0, "", "")
    bad = cron(night.replace("-a site", "-a sektions=1 -a site"), tmp_path)
    assert bad.stdout.startswith("Night 1: crawl 1, unknown argument 'sektions'")


@pytest.mark.system
def test_a_night_that_is_still_under_way_is_left_alone(tmp_path: Path, told: Service) -> None:
    write_env(tmp_path, told)
    night, _ = cron_lines(tmp_path)
    lock = os.open(tmp_path / "data.night", os.O_CREAT | os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = cron(night, tmp_path)
    finally:
        os.close(lock)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert told.calls == []


@pytest.mark.system
def test_logrotate_reads_its_lines(tmp_path: Path) -> None:
    user, group = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
    text = text_of("logrotate").replace("observer observer", f"{user} {group}")
    (tmp_path / "observer").write_text(text.replace(LOGS, str(tmp_path)))
    (tmp_path / "night.log").write_text("a line\n")
    done = run("logrotate", "--debug", str(tmp_path / "observer"), env=WITH_SBIN)
    assert done.returncode == 0
    assert "error" not in done.stderr
    assert f"considering log {tmp_path / 'night.log'}" in done.stderr


def test_the_example_sets_what_exists_and_nothing_else() -> None:
    names = re.findall(r"^#?([A-Z_]+)=", text_of("observer.env.example"), re.MULTILINE)
    ours = [name for name in names if name.startswith("OBSERVER_")]
    assert set(ours) <= set(vars(settings))
    assert set(names) - set(ours) == {"ALERT_MAIL"}


def test_the_readme_names_every_file_and_the_command_that_the_units_run() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    named = set(re.findall(r"deploy/([\w@*.-]+\w)", readme))
    there = {path.name for path in DEPLOY.iterdir() if path.is_file()}
    assert {name for name in there if not any(fnmatch(name, each) for each in named)} == set()
    assert {each for each in named if not any(fnmatch(name, each) for name in there)} == set()
    assert "$ scrapy night --keep 7 " in readme
    assert "scrapy night --keep 7" in text_of("observer-night.service")
    assert "scrapy night --keep 7" in text_of("crontab")
