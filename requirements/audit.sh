#!/bin/sh
# Asks the Python advisory database about every line of every lock: names, versions and hashes as
# they would be installed, nothing resolved anew. Run by `make audit`, which brings pip-audit.
#
# 0: nothing is known of any of them. 1: something is, or the database could not be asked: no
# answer is no good answer, and the last line says which it is.
set -u
cd "$(dirname "$0")/.."
audit=${PIP_AUDIT:-.venv-audit/bin/pip-audit}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/observer-audit.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

failed='' weak='' asked=0
for lock in requirements/*.txt; do
    report=$scratch/report.json
    rm -f "$report"
    "$audit" --requirement "$lock" --require-hashes --disable-pip --strict --progress-spinner off \
        --timeout 15 --format json --output "$report" 2>"$scratch/said"
    code=$?
    if [ ! -s "$report" ]; then
        failed=$lock
        break
    fi
    asked=$((asked + 1))
    if [ "$code" -ne 0 ]; then
        weak="$weak $lock"
        python3 - "$report" "$lock" <<'PYTHON'
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    found = json.load(file)["dependencies"]
for each in found:
    for weakness in each.get("vulns", ()):
        fixed = ", ".join(weakness["fix_versions"]) or "none yet"
        print(f"{sys.argv[2]}: {each['name']} {each['version']}: {weakness['id']}, mended in: {fixed}")
PYTHON
    fi
done

if [ -n "$failed" ]; then
    why=$(tail -n 1 "$scratch/said" | cut -c 1-200)
    echo "make audit: nothing is known: the database could not be asked about $failed (${why:-no word})" >&2
    exit 1
fi
if [ -n "$weak" ]; then
    echo "make audit: known weaknesses in$weak" >&2
    exit 1
fi
echo "make audit: nothing is known against any package of $asked locks."
