#!/bin/sh
# The demo: the replica on a free port of loopback, the real crawl against it into data/demo/.
# Run by `make demo`, which sets up .venv first.
set -eu
cd "$(dirname "$0")/.."

scrapy=.venv/bin/scrapy
data=data/demo
articles=400
# Seconds between two requests. A replica can be asked faster than a newspaper (there it is 1);
# 0 would make Scrapy ignore the limit of requests in flight.
delay=0.02

export PYTHONUNBUFFERED=1
scratch=$(mktemp -d "${TMPDIR:-/tmp}/observer-demo.XXXXXX")
replica=''

stop() {
    trap '' INT TERM
    if [ -n "$replica" ]; then
        kill "$replica" 2>/dev/null || true
        wait "$replica" 2>/dev/null || true
    fi
    rm -rf "$scratch"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fail() {
    echo "make demo: $*" >&2
    exit 1
}

# The replica says its address on a line of its own once it listens; a pipe, so that nobody polls.
start_replica() {
    mkfifo "$scratch/says"
    "$scrapy" replica --port 0 --articles "$articles" >"$scratch/says" &
    replica=$!
    exec 3<"$scratch/says"
    while read -r line <&3; do
        site=$(printf '%s\n' "$line" | sed -n 's|.*\(http://[^ ]*\).*|\1|p')
        if [ -n "$site" ]; then return; fi
    done
    fail "the replica ended before it said its address"
}

# Two stories with headline and text from the middle of the archive, as a person would jot them down.
show_articles() {
    .venv/bin/python -X utf8 - "$@" <<'PYTHON'
import json
import sys
import textwrap
from pathlib import Path

lines = [line for name in sys.argv[1:] for line in Path(name).read_bytes().split(b"\n") if line]
articles = [article for article in map(json.loads, lines) if article["headline"] and article["body"]]
for article in (articles[len(articles) // 3], articles[2 * len(articles) // 3]):
    print()
    print(f"  {article['headline']}")
    facts = (article[name] for name in ("id", "published_date", "section", "byline", "agency"))
    print("  " + " | ".join(fact for fact in facts if fact))
    text = textwrap.shorten(" ".join(article["body"]), 240, placeholder=" ...")
    print(textwrap.indent(textwrap.fill(text, 88), "    "))
    print("    " + ", ".join(f"{name} {count}" for name, count in (
        ("paragraphs", len(article["body"])),
        ("pictures", len(article["images"])),
        ("related", len(article["related"])),
        ("views", article["views"] or "not shown"),
    )))
PYTHON
}

rm -rf "$data"
start_replica
set -- crawl observer -a "site=$site" -s "OBSERVER_DATA=$data" -s "DOWNLOAD_DELAY=$delay"
echo "A copy of the site with $articles articles answers at $site. Crawling it:"
echo "  $scrapy $*"
status=0
"$scrapy" "$@" || status=$?
[ "$status" -eq 0 ] || { echo "make demo: the crawl ended with exit code $status" >&2; exit "$status"; }

set -- "$data"/articles/*/*.jsonl
[ -s "$1" ] || fail "the crawl stored no article under $data/articles/"
echo
echo "Two of the $(cat "$@" | wc -l | tr -d ' ') articles (invented text, written for this copy):"
show_articles "$@"
cat <<NEXT

Next: read one in full, look at the real site politely, crawl 20 of its articles
(put your own address: the newspaper sees it and can write to you):
head -n 1 $1 | .venv/bin/python -m json.tool --no-ensure-ascii
.venv/bin/scrapy doctor -s OBSERVER_CONTACT=you@example.org
.venv/bin/scrapy crawl observer -s OBSERVER_CONTACT=you@example.org -a max_articles=20
NEXT
