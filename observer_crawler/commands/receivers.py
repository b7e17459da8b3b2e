"""Who hears of an alarm: a webhook and a mailbox, as the settings name them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from observer_crawler import calls, mails
from observer_crawler.commands.alarm_words import as_record, over_text, standing_text, subject

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from scrapy.settings import BaseSettings

    from observer_crawler.alarm.alarms import Alarm
    from observer_crawler.alarm.telling import Receiver


def receivers(settings: BaseSettings, now: dt.datetime) -> dict[str, Receiver]:
    """Give who is to be told, by what people may know of them. A replay tells nobody."""
    found: dict[str, Receiver] = {}
    if settings["OBSERVER_REPLAY"]:
        return found
    if url := settings["OBSERVER_ALARM_WEBHOOK"]:
        found["the webhook"] = lambda due, over: _post(url, due, over, now)
    to = mails.addresses(settings["OBSERVER_ALARM_MAIL"])
    server = mails.read_server(settings["OBSERVER_ALARM_SMTP"])
    if to and server:
        contact = mails.addresses(settings["OBSERVER_CONTACT"])
        sender = (contact or to)[0]
        found["the mailbox"] = lambda due, over: mails.send(
            server, mails.message(sender, to, subject(due, over), _text(due, over, now), now)
        )
    return found


def _post(url: str, due: Sequence[Alarm], over: Sequence[Alarm], now: dt.datetime) -> str:
    """Post one object; `text` is what chat services show."""
    record = {
        "text": _text(due, over, now),
        "alarms": [as_record(each, now.timestamp()) for each in due],
        "over": [as_record(each, now.timestamp()) for each in over],
    }
    why = calls.call(url, json.dumps(record, ensure_ascii=False), "application/json")
    return f"{calls.origin_of(url)}: {why}" if why else ""


def _text(due: Sequence[Alarm], over: Sequence[Alarm], now: dt.datetime) -> str:
    standing = [standing_text(each, now.timestamp()) for each in due]
    return "\n".join([*standing, *map(over_text, over)]) + "\n"
