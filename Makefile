# Every command of the project. GNU make 3.81 and a POSIX shell are enough.
#
# `make demo` and `make test` create .venv from the lock by themselves, with uv where it is on
# PATH, else with venv and pip, and renew it when the lock changes: see requirements/install.sh.
# The tests that ask pywb bring it themselves, into .venv-pywb, the same way.

SHELL := /bin/sh
BIN := .venv/bin
PY := $(BIN)/python
JOBS ?= 2

LOCK_ALONE = uv pip compile --quiet --universal --generate-hashes --no-annotate \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	$(if $(UPGRADE),--upgrade)
LOCK = $(LOCK_ALONE) pyproject.toml --group build

.PHONY: help demo test check prove fuzz bench lock audit soak hostile golden picture clean

help:
	@echo "make demo    crawl a copy of the site on this machine into data/demo/"
	@echo "make test    run the tests; SYSTEM=1 adds those that need system parts, and brings them"
	@echo "make check   format, lint and types"
	@echo "make prove   run the long tests and append their figures to docs/proof.md"
	@echo "make fuzz    read spoilt pages, addresses, archives and folders; TARGET=read_page SECONDS=60"
	@echo "make soak    a year of 100,000 articles with faults, kills and edits (ARTICLES=n for fewer)"
	@echo "make hostile play all that strangers may do, and print what each came to"
	@echo "make bench   measure everything against lxml, bare Scrapy and peers (ONLY=crawl,export QUICK=1)"
	@echo "make golden  write the golden files of tests/pages/ anew; read the diff"
	@echo "make picture draw docs/coverage.png anew, from a crawled replica (ten minutes)"
	@echo "make lock    resolve requirements/ again from pyproject.toml; UPGRADE=1 moves versions"
	@echo "make audit   ask a database of known weaknesses about every package of the locks"
	@echo "make clean   remove caches and data/demo/, nothing else"

demo:
	@sh requirements/install.sh replica
	@sh requirements/demo.sh

# The last line says what was left out, whatever the outcome.
LONG := the long tests (make prove runs them)
test:
	@sh requirements/install.sh test
ifdef SYSTEM
	@sh requirements/system.sh
	@status=0; $(PY) -m pytest -n $(JOBS) -m "not prove" || status=$$?; \
	echo "Left out: $(LONG)."; exit $$status
else
	@status=0; $(PY) -m pytest -n $(JOBS) || status=$$?; \
	echo "Left out: $(LONG), and those that need Chromium, systemd or logrotate (make test SYSTEM=1 adds them)."; \
	exit $$status
endif

check:
	@sh requirements/install.sh test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

prove:
	@sh requirements/install.sh test
	@$(PY) -m tests.prove

# TARGET, SECONDS (for each target), CASES or MILLION=1, SEED; REPLAY=data/fuzz/TARGET/NAME.bin reads one again.
fuzz:
	@sh requirements/install.sh test
	@$(PY) -m tests.fuzz $(if $(REPLAY),--replay $(REPLAY)) $(if $(TARGET),--target $(TARGET)) \
		$(if $(SECONDS),--seconds $(SECONDS)) $(if $(CASES),--cases $(CASES)) $(if $(SEED),--seed $(SEED)) \
		$(if $(MILLION),--million)

# With KEEP=FOLDER the data stay there.
ARTICLES ?= 100000
soak:
	@sh requirements/install.sh test
	@$(PY) -m tests.soak $(ARTICLES) $(KEEP)

hostile:
	@sh requirements/install.sh test
	@$(PY) -m tests.hostile

# ONLY=NAMES, QUICK=1 and ROUNDS=n for less of it; PROFILE=1 shows where the time goes; GATE=1 holds
# the quick ones against benchmarks/gate.py.
bench:
	@sh requirements/install.sh test
	@$(PY) -m benchmarks$(if $(PROFILE),.profiles,$(if $(ONLY), --only $(ONLY))$(if \
		$(QUICK), --quick)$(if $(ROUNDS), --rounds $(ROUNDS))$(if $(GATE), --gate))

picture:
	@sh requirements/install.sh test
	@sh requirements/system.sh
	@$(PY) -m tests.picture

audit:
	@sh requirements/install.sh audit
	@sh requirements/audit.sh

golden:
	@sh requirements/install.sh test
	@$(PY) -m tests.golden

# The smaller locks take their versions from the largest one; pywb's pins are its own.
lock:
	@command -v uv >/dev/null 2>&1 || { echo "make lock needs uv on PATH." >&2; exit 1; }
	$(LOCK) --extra test --extra dev -o requirements/test.txt
	$(LOCK) --constraints requirements/test.txt --extra replica -o requirements/replica.txt
	$(LOCK) --constraints requirements/test.txt --extra dataset -o requirements/dataset.txt
	$(LOCK) --constraints requirements/test.txt -o requirements/base.txt
	$(LOCK_ALONE) --python-version 3.11 --group pywb -o requirements/pywb.txt
	$(LOCK_ALONE) --group croissant -o requirements/croissant.txt
	$(LOCK_ALONE) --group audit -o requirements/audit.txt
	for peer in trafilatura newspaper4k news-please; do \
		$(LOCK_ALONE) --group peer-$$peer -o requirements/peer-$$peer.txt || exit 1; done

clean:
	rm -rf data/demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .scrapy
	find observer_crawler tests -name __pycache__ -type d -prune -exec rm -rf {} +
