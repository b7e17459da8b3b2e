"""The processes that the tests fork are the ones that a person starts, but for their imports."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.conftest import clean_environment, mother, start_process
from tests.warm import Warm

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Serve


def started(tmp_path: Path, *words: str, **env: str) -> subprocess.Popen[str] | Warm:
    with (tmp_path / "err").open("wb") as err:
        command = ["python", "-m", "scrapy", *words]
        return start_process(command, clean_environment(tmp_path / "stats", env), err)


def test_output_errors_and_exit_code_are_the_commands_own(tmp_path: Path) -> None:
    process = started(tmp_path, "crawl", "observer", "-a", "form_date=x")
    assert isinstance(process, Warm)
    assert process.communicate(timeout=60) == ("", None)
    assert process.returncode == process.poll() == 1
    assert (tmp_path / "err").read_text("utf-8").startswith("scrapy: unknown argument 'form_date'")
    process = started(tmp_path, "list")
    assert "observer_archive\n" in process.communicate(timeout=60)[0]
    assert process.returncode == 0


def test_each_has_the_environment_that_it_was_given_and_no_other(tmp_path: Path) -> None:
    """The settings read it when they are imported, which no child may have from its mother."""
    for told in ("/one", "/two", ""):
        env = {"OBSERVER_DATA": told} if told else {}
        process = started(tmp_path, "settings", "--get", "OBSERVER_DATA", **env)
        assert process.communicate(timeout=60)[0].strip() == (told or "data")


@pytest.mark.parametrize("env", [{"TZ": "Asia/Dhaka"}, {"PYTHONUTF8": "0"}, {"LC_ALL": "C"}])
def test_what_python_reads_at_its_start_makes_a_cold_process(
    tmp_path: Path, env: dict[str, str]
) -> None:
    assert not mother().fits(clean_environment(tmp_path, env))


def test_a_signal_ends_it_at_once_and_is_its_exit_code(tmp_path: Path, replica: Serve) -> None:
    typed = ("-a", f"site={replica().url}", "-s", f"OBSERVER_DATA={tmp_path / 'data'}")
    process = started(tmp_path, "crawl", "observer", *typed, "-s", "DOWNLOAD_DELAY=60")
    with pytest.raises(subprocess.TimeoutExpired):
        process.communicate(timeout=0.01)
    assert process.poll() is None
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
