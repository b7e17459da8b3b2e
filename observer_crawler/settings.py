"""Every knob, with its unit, its reason and where the number comes from.

A setting of the project (OBSERVER_*) can be given three ways: `-s NAME=VALUE` beats the
environment variable of the same name, and that beats what stands here. A misspelt name is an
error, said by the commands that read these. What a crawl alone needs (the ledger, the storing
pipelines, the progress line) is switched on by the `crawl` command, not here, so that `shell`,
`fetch`, `view`, `parse`, `check` and `list` touch no data.

This file knows no other room: it holds values and the names of components.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from importlib.util import find_spec

# Two cures for bugs of Scrapy 2.14 to 2.19 (see robots.py, middlewares.py) hang on its inner
# workings, and 2.13, 2.16 and 2.18 each moved something that a crawl stands on in silence.
_WANTED = "2.19."
if not version("scrapy").startswith(_WANTED):
    _spec = find_spec("scrapy")
    sys.exit(
        f"observer_crawler ({__file__}) needs Scrapy {_WANTED}x, but Scrapy {version('scrapy')} "
        f"({_spec.origin if _spec else 'nowhere'}) is installed: run make test, or install the "
        "versions of requirements/base.txt"
    )


def _from_environment(name: str, default: str) -> str:
    return os.environ.get(name, default)


# The project ---------------------------------------------------------------------------------

BOT_NAME = "observer_crawler"
SPIDER_MODULES = ["observer_crawler.spiders"]
NEWSPIDER_MODULE = "observer_crawler.spiders"
COMMANDS_MODULE = "observer_crawler.commands"

# A mail or web address under which the newspaper reaches whoever runs the crawl. Required for
# every host that is not this machine; sent in User-Agent and From.
OBSERVER_CONTACT = _from_environment("OBSERVER_CONTACT", "")

# The folder for everything written. A relative one is relative to scrapy.cfg.
OBSERVER_DATA = _from_environment("OBSERVER_DATA", "data")

# How often an address is asked before it counts as failed. The site's day indexes answered 500
# now and then and were right the next time, so four is enough to tell a hiccup from a hole.
OBSERVER_RETRY_ATTEMPTS = _from_environment("OBSERVER_RETRY_ATTEMPTS", "4")

# Seconds before the second try; each wait is four times the one before: 10 s, 40 s, 160 s. A web
# server that is restarted is back within the second of them.
OBSERVER_RETRY_SECONDS = _from_environment("OBSERVER_RETRY_SECONDS", "10")

# Seconds that a run stays for a retry when nothing else is left to do; one due later is left to
# the next run, and the exit code says so. Ten minutes hold every wait of the line above.
OBSERVER_WAIT_SECONDS = _from_environment("OBSERVER_WAIT_SECONDS", "600")

# Seconds without a single settled address after which a run ends. Far above the longest wait
# that is any use (DOWNLOAD_TIMEOUT, OBSERVER_WAIT_SECONDS); what waits on purpose (offline, hours
# of the day) is not counted. 0: no watch.
OBSERVER_WATCHDOG_SECONDS = _from_environment("OBSERVER_WATCHDOG_SECONDS", "1800")

# Gigabytes (10^9 bytes) that must stay free where the data folder lies; below, a run ends cleanly.
# Two hold a day of lines, ledger and log many times over, and leave other programs room. 0: no
# watch.
OBSERVER_MIN_FREE_GB = _from_environment("OBSERVER_MIN_FREE_GB", "2")

# Seconds without anybody there after which a run ends: half a day outlasts every outage of a
# line that people wait for. Until then it tries one address at growing intervals.
OBSERVER_OFFLINE_LIMIT = _from_environment("OBSERVER_OFFLINE_LIMIT", "43200")

# Pages of one section's list that a run of `observer` reads. Twice what the largest section can have,
# with twenty stories a page; a list that links on for ever ends here, and a warning says so.
OBSERVER_LIST_PAGES = _from_environment("OBSERVER_LIST_PAGES", "10000")

# What must be true of a dataset (`scrapy export`), as JSON: {"rows": 600000, "filled": {"headline":
# 0.98}, "published_from": "2020-01-01", "published_until": "2026-12-31"}, and of clusters
# {"largest_cluster": 50, "copies": 0.2}. Where it is not, nothing is exported. Empty: whatever it is.
OBSERVER_GATE = _from_environment("OBSERVER_GATE", "")

# Days after its publication at which an article is visited again: corrections come on the first
# day, rarely in the first week, and next to never after a month.
OBSERVER_REVISIT_DAYS = _from_environment("OBSERVER_REVISIT_DAYS", "1,7,30")

# For tests: the moment, with its zone (2022-06-16T21:00:00+06:00), that stands for the start of
# the run; the clock goes on from there. Empty: the clock of this machine.
OBSERVER_NOW = _from_environment("OBSERVER_NOW", "")

# Whether every answer is kept as it came, in OBSERVER_DATA/warc/: 1 or 0. Empty: yes for every site
# but one on this machine.
OBSERVER_CAPTURE = _from_environment("OBSERVER_CAPTURE", "")

# Gigabytes (10^9 bytes) after which a WARC file is closed and the next one begun. One is what web
# archives use: few enough files for 600,000 pages, and none too large to copy again.
OBSERVER_WARC_GB = _from_environment("OBSERVER_WARC_GB", "1")

# WARC files, patterns or folders of them, with commas between: what a run is answered from instead
# of the network. Empty: the network.
OBSERVER_REPLAY = _from_environment("OBSERVER_REPLAY", "")

# Address of a dead-man service such as Healthchecks: called as URL/start when a crawl or night begins
# and as URL/CODE when it has ended. Whoever knows it can say that all is well, so it is a secret: set
# it in the environment, where no list of processes shows it. Empty: nobody is told.
OBSERVER_HEARTBEAT = _from_environment("OBSERVER_HEARTBEAT", "")

# Who hears of an alarm at the end of the run that raised it, then weekly while it stands, and once
# when it is over: an address that takes a POST of JSON. Whoever knows it can speak in our name, so
# it is a secret: set it in the environment, where no list of processes shows it. Empty: nobody.
OBSERVER_ALARM_WEBHOOK = _from_environment("OBSERVER_ALARM_WEBHOOK", "")

# The same by mail: addresses with commas between. Empty: nobody.
OBSERVER_ALARM_MAIL = _from_environment("OBSERVER_ALARM_MAIL", "")

# The server that takes these mails: smtp://HOST (port 25), smtp://USER:PASSWORD@HOST (587, with
# STARTTLS) or smtps://USER:PASSWORD@HOST (465). Signs in user and password are percent-encoded.
# Without it the mail system of this machine, as cron uses it.
OBSERVER_ALARM_SMTP = _from_environment("OBSERVER_ALARM_SMTP", "smtp://localhost")

# Seconds from one capture to the next, for `scrapy crawl observer_captures`: the Wayback Machine bears
# one a second. Never shorter than DOWNLOAD_DELAY.
OBSERVER_ARCHIVE_SECONDS = _from_environment("OBSERVER_ARCHIVE_SECONDS", "1")

# Seconds after a page of an archive's index: the Wayback Machine allows 20 of them a minute.
OBSERVER_ARCHIVE_INDEX_SECONDS = _from_environment("OBSERVER_ARCHIVE_INDEX_SECONDS", "3")

# Seconds of silence after an archive answered 429 or refused the connection: who goes on asking is
# shut out for an hour, then two, then four. 65 minutes.
OBSERVER_ARCHIVE_PAUSE_SECONDS = _from_environment("OBSERVER_ARCHIVE_PAUSE_SECONDS", "3900")

# Another address for the Wayback Machine: a mirror, or a stand-in for tests. Empty: its own.
OBSERVER_WAYBACK = _from_environment("OBSERVER_WAYBACK", "")

# Other addresses for Common Crawl, of its index and of its data with a space between. Empty: its own.
OBSERVER_COMMON_CRAWL = _from_environment("OBSERVER_COMMON_CRAWL", "")

# Manners -------------------------------------------------------------------------------------

# The token that robots.txt may name. The contact is added to what is sent.
USER_AGENT = "observer_crawler"
ROBOTSTXT_USER_AGENT = "observer_crawler"
ROBOTSTXT_OBEY = True

# One request at a time, one second apart: 86,400 pages a day, the whole archive (about 600,000)
# in a week, and less than one reader clicking through the paper.
CONCURRENT_REQUESTS = 1
DOWNLOAD_DELAY = 1.0

# Share of the delay that may be added or taken away. Scrapy's 0.5 allows half the delay.
DOWNLOAD_DELAY_JITTER = 0.0

# brotli and zstd, which Scrapy offers by itself, cannot be read back from WARC by every tool.
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en,bn",
    "Accept-Encoding": "gzip, deflate",
}

# Hours after which robots.txt is read again, and so the longest that a new rule waits to be
# obeyed; a refusal (401, 403, 429) has it read at once. RFC 9309 allows 24 at most.
OBSERVER_ROBOTS_HOURS = _from_environment("OBSERVER_ROBOTS_HOURS", "12")

# Requests a day, in the newspaper's zone, after which a run ends until tomorrow; 0: no budget. One
# a second makes 86,400.
OBSERVER_DAILY_REQUESTS = _from_environment("OBSERVER_DAILY_REQUESTS", "0")

# Hours of the day, in the newspaper's zone, in which the site is asked, such as 22-06 or
# 22:30-06:15, for sites that are slow by day; empty: always.
OBSERVER_HOURS = _from_environment("OBSERVER_HOURS", "")

# Nothing of a visit may colour the next one, and nobody needs to know where a link stood.
COOKIES_ENABLED = False
REFERER_ENABLED = False

# Seconds. A guess until someone has seen the site: 300 kB over a line of 10 kB/s take
# half of it, and with one request at a time Scrapy's 180 would hold up all others for as long.
DOWNLOAD_TIMEOUT = 60

# Safety --------------------------------------------------------------------------------------

# RemoteControl, on by default since 2.19, runs Python that is sent to a local port with a token
# that a killed crawl leaves behind. Telnet is a shell into the process.
REMOTE_CONTROL_ENABLED = False
TELNETCONSOLE_ENABLED = False

# Off in Scrapy: whoever sits on the line could write the archive.
DOWNLOAD_VERIFY_CERTIFICATES = True

# A site, its redirects and its name servers lead to public addresses only, or to what the user
# named: connections.py. All of http goes through these two.
TWISTED_DNS_RESOLVER = "observer_crawler.connections.PublicResolver"
DOWNLOAD_HANDLERS = dict.fromkeys(("http", "https"), "observer_crawler.connections.Guarded")

# Bytes. Pages of newspapers weigh tens to hundreds of kB; ten megabytes is no page.
DOWNLOAD_MAXSIZE = 10 * 1024 * 1024
DOWNLOAD_WARNSIZE = 2 * 1024 * 1024

# Cost and logs -------------------------------------------------------------------------------

# An article a page: more workers are idle tasks, 100 of them cost 1 ms a page.
CONCURRENT_ITEMS = 1

# Reads the source of each callback to warn of a mistake that async generators cannot make.
WARN_ON_GENERATOR_RETURN_VALUE = False

# A line a page and the text of articles belong in no log: LogBriefly keeps both out of it.
LOG_LEVEL = "INFO"
LOG_FORMATTER = "observer_crawler.extensions.LogBriefly"

# The progress line and the closing table say the same in words.
LOGSTATS_INTERVAL = 0
STATS_DUMP = False

FEED_EXPORT_ENCODING = "utf-8"

# Requests pass from small to large numbers, answers the other way. What needs no request comes
# first. Introduce stands before all that may send something, robots.txt included. KeepPace stands above ObeyRobots, for in a pause
# not even robots.txt is asked for. ObeyRobots and Unpack take the places of Scrapy's own. The
# clock is read next to the wire, under all that could hold an answer back, and right after it the
# answer is kept, while its body is still as it came.
DOWNLOADER_MIDDLEWARES = {
    "observer_crawler.wire.AnswerFromCapture": 80,
    "observer_crawler.connections.TakeTyped": 85,
    "observer_crawler.middlewares.Introduce": 90,
    "observer_crawler.middlewares.KeepPace": 95,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "observer_crawler.robots.ObeyRobots": 100,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "observer_crawler.middlewares.Unpack": 590,
    "observer_crawler.wire.WarcCapture": 998,
    "observer_crawler.wire.FetchTime": 999,
    "observer_crawler.wire.FromArchive": 1000,
}
