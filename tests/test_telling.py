"""Who hears of an alarm: a real webhook and a real mail server, at once, weekly, and at its end."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import sys
from dataclasses import replace
from socket import create_server
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.settings import Settings

from observer_crawler import calls, mails
from observer_crawler.alarm import alarms as standing
from observer_crawler.alarm import watching
from observer_crawler.alarm.alarms import Alarm, Alarms
from observer_crawler.commands import check_settings
from observer_crawler.commands.receivers import receivers
from observer_crawler.exceptions import ConfigurationError
from tests.test_settings import project_settings
from tests.told import SECRET, hook, mailbox

if TYPE_CHECKING:
    from pathlib import Path

NOW = dt.datetime(2025, 9, 1, 15, 40, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
BYLINE = Alarm(
    id=1,
    figure="fields/byline/online",
    spider="observer_archive",
    key="language=en",
    expected=0.75,
    found=0.0,
    cases=40,
    runs=1,
    first="b:530866",
    first_at="2025-09-01T15:31:00.000000+00:00",
    since="2025-09-01T15:30:00.000+00:00",
    last="2025-09-01T15:30:00.000+00:00",
)
BOX = replace(BYLINE, id=2, figure="boxes/latest", expected=10.0, found=0.0)
MAIL = "editor@example.org"


class State:
    """A folder with alarms, and nights that tell of them."""

    def __init__(self, folder: Path, **told: str) -> None:
        self.folder = folder
        usual = {"OBSERVER_REPLAY": "", "OBSERVER_CONTACT": "me@example.org"}
        usual |= {"OBSERVER_ALARM_WEBHOOK": "", "OBSERVER_ALARM_MAIL": ""}
        usual |= {"OBSERVER_ALARM_SMTP": "smtp://localhost"}
        self.settings = Settings({**usual, **told})

    def stand(self, *alarms: Alarm) -> None:
        standing.write(self.folder / standing.FILE, Alarms(list(alarms)))

    def end(self) -> None:
        """All that stands is over."""
        known = standing.read(self.folder / standing.FILE)
        known.over, known.standing = known.standing, []
        standing.write(self.folder / standing.FILE, known)

    def night(self, now: dt.datetime) -> list[str]:
        return watching.tell(self.folder, receivers(self.settings, now), now)


def ids(posts: list[dict[str, Any]], key: str = "alarms") -> list[list[int]]:
    return [[alarm["id"] for alarm in post[key]] for post in posts]


def test_an_alarm_is_told_once_then_weekly_with_its_age_and_its_end_once(tmp_path: Path) -> None:
    with hook() as told:
        state = State(tmp_path, OBSERVER_ALARM_WEBHOOK=told.url)
        state.stand(BYLINE)
        for day in range(9):
            assert state.night(NOW + day * DAY) == []
        assert [alarm["age_days"] for post in told.posts for alarm in post["alarms"]] == [0, 7]
        state.end()
        for day in range(9, 12):
            state.night(NOW + day * DAY)
    assert ids(told.posts) == [[1], [1], []]
    assert ids(told.posts, "over") == [[], [], [1]]
    assert told.posts[-1]["text"].startswith("Alarm 1 (Fields) is over: articles with byline")


def test_a_post_says_what_where_and_what_to_do(tmp_path: Path) -> None:
    with hook() as told:
        state = State(tmp_path, OBSERVER_ALARM_WEBHOOK=told.url)
        state.stand(BYLINE, BOX)
        state.night(NOW)
    (post,) = told.posts
    first = post["alarms"][0]
    assert (first["monitor"], first["found"], first["first"]) == ("Fields", 0.0, "b:530866")
    assert first["text"] == ("articles with byline (online): 0.0%, over 40, where 75.0% is usual")
    assert "scrapy reextract --marked" in first["mending"]
    assert "first at b:530866, 2025-09-01 15:31 UTC" in post["text"]
    assert "told" not in first


def test_what_a_webhook_refused_is_one_line_and_told_at_the_next_run(tmp_path: Path) -> None:
    with hook([500]) as told:
        state = State(tmp_path, OBSERVER_ALARM_WEBHOOK=told.url)
        state.stand(BYLINE)
        (line,) = state.night(NOW)
        assert state.night(NOW + DAY) == []
        assert state.night(NOW + 2 * DAY) == []
    origin = told.url.removesuffix(f"/{SECRET}")
    assert line == (
        f"the alarm did not reach the webhook: {origin}: it answered 500; tried again at the next "
        "run"
    )
    assert ids(told.posts) == [[1], [1]]


def test_nobody_there_is_one_line_without_the_secret(tmp_path: Path) -> None:
    with hook() as told:
        url = told.url
    with mailbox() as box:
        smtp = box.url
    state = State(
        tmp_path,
        OBSERVER_ALARM_WEBHOOK=url,
        OBSERVER_ALARM_MAIL=MAIL,
        OBSERVER_ALARM_SMTP=smtp,
    )
    state.stand(BYLINE)
    lines = state.night(NOW)
    assert [line.split(":")[0] for line in lines] == [
        "the alarm did not reach the webhook",
        "the alarm did not reach the mailbox",
    ]
    assert all("Connection refused" in line for line in lines)
    assert not any(secret in line for line in lines for secret in (SECRET, MAIL))


def test_a_mail_says_what_where_and_what_to_do(tmp_path: Path) -> None:
    with mailbox() as box:
        state = State(
            tmp_path,
            OBSERVER_ALARM_MAIL=f"{MAIL}, second@example.org",
            OBSERVER_ALARM_SMTP=box.url,
        )
        state.stand(BYLINE, BOX)
        assert state.night(NOW) == []
        state.end()
        assert state.night(NOW + DAY) == []
    said, over = box.mails
    heads, _, rest = said.partition("\ndata\n")
    assert "AUTH PLAIN" in heads
    assert [line.split("<")[1] for line in heads.splitlines() if "<" in line] == [
        "me@example.org>",
        f"{MAIL}>",
        "second@example.org>",
    ]
    mail = email.message_from_string(rest, policy=email.policy.default)
    assert mail["To"] == f"{MAIL}, second@example.org"
    assert mail["Subject"] == (
        "observer_crawler: alarm, articles with byline (online), and 1 more"
    )
    text = mail.get_content()
    assert "Alarm 2 (Links): links under Latest News: 0.0, over 40, where 10.0 is usual" in text
    assert "Standing since today, in runs of observer_archive language=en." in text
    assert "Alarm 1 (Fields) is over" in over


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("550 nobody of that name", "it refuses the recipients (550)"),
        ("421 later", "it refuses the recipients (421)"),
    ],
)
def test_a_mail_that_is_refused_is_told_at_the_next_run(
    tmp_path: Path, answer: str, why: str
) -> None:
    with mailbox([answer]) as box:
        state = State(tmp_path, OBSERVER_ALARM_MAIL=MAIL, OBSERVER_ALARM_SMTP=box.url)
        state.stand(BYLINE)
        (line,) = state.night(NOW)
        assert state.night(NOW + DAY) == []
    assert line.startswith("the alarm did not reach the mailbox: ")
    assert why in line
    assert MAIL not in line
    assert len(box.mails) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="127.0.0.2 is there on Linux alone")
def test_a_password_does_not_travel_in_the_open_to_another_machine(tmp_path: Path) -> None:
    with mailbox(host="127.0.0.2") as box:
        state = State(tmp_path, OBSERVER_ALARM_MAIL=MAIL, OBSERVER_ALARM_SMTP=box.url)
        state.stand(BYLINE)
        (line,) = state.night(NOW)
    assert "SMTPNotSupportedError" in line
    assert [talk[0].split()[0] for talk in box.talks] == ["ehlo"]
    assert [len(talk) for talk in box.talks] == [1]


def test_one_receiver_does_not_wait_for_the_other(tmp_path: Path) -> None:
    with hook([503, 503]) as told, mailbox() as box:
        state = State(
            tmp_path,
            OBSERVER_ALARM_WEBHOOK=told.url,
            OBSERVER_ALARM_MAIL=MAIL,
            OBSERVER_ALARM_SMTP=box.url,
        )
        state.stand(BYLINE)
        failures = [len(state.night(NOW + day * DAY)) for day in range(4)]
    assert failures == [1, 1, 0, 0]
    assert (len(told.posts), len(box.mails)) == (3, 1)


def test_without_a_receiver_nothing_is_kept_of_what_is_over(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.stand(BYLINE)
    state.night(NOW)
    state.end()
    state.night(NOW + DAY)
    assert standing.read(tmp_path / standing.FILE) == Alarms()


def test_a_replay_tells_nobody() -> None:
    told = {"OBSERVER_ALARM_WEBHOOK": "http://127.0.0.1:1/x", "OBSERVER_REPLAY": ["one.warc.gz"]}
    assert receivers(Settings(told), NOW) == {}


def test_a_service_that_does_not_answer_is_left_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "SECONDS", 0.2)
    with create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        state = State(
            tmp_path,
            OBSERVER_ALARM_WEBHOOK=f"http://127.0.0.1:{port}/{SECRET}",
            OBSERVER_ALARM_MAIL=MAIL,
            OBSERVER_ALARM_SMTP=f"smtp://127.0.0.1:{port}",
        )
        state.stand(BYLINE)
        lines = state.night(NOW)
    assert len(lines) == 2
    assert all("timed out" in line or "no answer within 0.2 s" in line for line in lines)


@pytest.mark.parametrize("text", ["mail.example.org", "http://x", "smtp://me@x", "smtp://"])
def test_what_is_no_mail_server(text: str) -> None:
    assert mails.read_server(text) is None


@pytest.mark.parametrize(
    ("text", "port", "is_tls"),
    [
        ("smtp://localhost", 25, False),
        ("smtp://a:b@mail.example.org", 587, False),
        ("smtps://a:b@mail.example.org", 465, True),
        ("smtps://mail.example.org:4650", 4650, True),
    ],
)
def test_a_mail_server_has_its_usual_port(text: str, port: int, is_tls: bool) -> None:  # noqa: FBT001 (a column)
    server = mails.read_server(text)
    assert server is not None
    assert (server.port, server.is_tls) == (port, is_tls)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OBSERVER_ALARM_WEBHOOK", f"hooks.example.org/{SECRET}"),
        ("OBSERVER_ALARM_MAIL", f"{SECRET} at example.org"),
        ("OBSERVER_ALARM_SMTP", f"http://me:{SECRET}@mail.example.org"),
    ],
)
def test_what_nobody_can_be_told_by_is_refused_without_showing_it(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name}: expected .* not shown here") as caught:
        check_settings(project_settings(**{name: value}))
    assert SECRET not in str(caught.value)
