# What this project can do: `make help` lists it.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
# How many lanes (bin/lane) run at the same time, and how many processes a lane of tests has.
LANES ?= 4
JOBS ?= 2
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += --jobs=$(LANES)
endif

export PORT ?= 8000
# Each process of the tests would compile the whole site again.
unexport PYTHONDONTWRITEBYTECODE
# The system's Python is optimized, which a version manager's often is not: a tenth faster.
NEW_ENOUGH := import ensurepip, sys; sys.exit(sys.version_info < (3, 11))
ifndef PYTHON
PYTHON := $(shell /usr/bin/python3 -c '$(NEW_ENOUGH)' 2>/dev/null && echo /usr/bin/)python3
endif
export PYTHON
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
# uv needs a tenth of pip's time. It does not read pip's own settings: where those name the only
# index, pip installs. Neither compiles: Python compiles what it imports, a third of all that.
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --no-compile
INSTALL = install() { $(BIN)/uv pip install --quiet --python .venv "$$@" || $(PIP) "$$@"; }; install
PYTEST := $(BIN)/pytest
LANE = @exec bin/lane
ON_POSTGRESQL := bin/with-postgresql bin/with-pgbouncer $(PYTEST)
TEMPLATES = $(shell git ls-files --cached --others --exclude-standard 'templates/*.html')

# Stamps, so that a second run installs and builds nothing.
RUN_ENV := .venv/.for-running
TEST_ENV := .venv/.for-testing
NODE_ENV := node_modules/.installed
FRONT_END := .cache/front-end/.built

.PHONY: help run demo check checks test in-chromium on-sqlite on-postgresql test-unit \
	test-everyone stress scale bench mutants statements fix system-packages

help: ## list what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

run: $(RUN_ENV) $(FRONT_END) ## serve the site with its worker (PORT=8000, DATA_DIR=data)
	@exec $(MANAGE) serve --prepare

demo: $(RUN_ENV) $(FRONT_END) ## fill an empty database with the demonstration
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) createcachetable
	@$(MANAGE) demo

check: $(TEST_ENV) $(FRONT_END) ## tier 1: style, layers, types, migrations, deployment
	$(LANE) check $(MAKE) checks

checks:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@$(if $(TEMPLATES),$(BIN)/djhtml --check --tabwidth 2 $(TEMPLATES))
	$(BIN)/lint-imports --no-logo
	DJANGO_SETTINGS_MODULE=lms.settings.test $(MANAGE) makemigrations --check --dry-run
	bin/check-deployment
	$(BIN)/mypy
	$(BIN)/pip check

# All at the same time. Chromium and PostgreSQL wait more than they compute: SQLite, which only
# computes, takes what they leave (nice). The lanes have the same prerequisites, because make starts
# first what is ready first.
test: in-chromium on-postgresql on-sqlite ## tier 2: Chromium, SQLite, and on PostgreSQL what a database can change

in-chromium: $(TEST_ENV) $(FRONT_END) system-packages
	$(LANE) $@ $(PYTEST) tests/browser

on-sqlite: $(TEST_ENV) $(FRONT_END) system-packages
	$(LANE) $@ nice -n 5 $(PYTEST) -n $(JOBS) --ignore tests/browser

on-postgresql: $(TEST_ENV) $(FRONT_END) system-packages
	$(LANE) $@ $(ON_POSTGRESQL) -n $(JOBS) -m databases

system-packages:
	@bin/need chromium chromium-headless-shell
	@bin/need postgresql postgresql
	@bin/need pgbouncer pgbouncer

test-unit: $(TEST_ENV) $(FRONT_END) ## the shorter run: on SQLite, without a browser
	@$(PYTEST) -n $(JOBS) --ignore tests/browser

test-everyone: $(TEST_ENV) $(FRONT_END) system-packages ## tier 3: other browsers, screen reader
	@bin/need webkit webkit2gtk-driver
	@bin/need xvfb xvfb
	@$(PYTEST) tests/everyone -m everyone

stress: $(TEST_ENV) $(FRONT_END) system-packages ## tier 4: many races (ROUNDS=50, STEPS=10000); every test on PostgreSQL
	@ROUNDS=$${ROUNDS:-50} STEPS=$${STEPS:-10000} $(PYTEST) -m race
	@ROUNDS=$${ROUNDS:-50} STEPS=$${STEPS:-10000} $(ON_POSTGRESQL) -m race
	@$(ON_POSTGRESQL) -n $(JOBS) -m "not race and not everyone" --slow-fails

scale: $(TEST_ENV) $(FRONT_END) system-packages ## tier 4: nightly jobs with 70,000 rows, the outbox with 200,000 mails
	@$(BIN)/python -m benchmarks nightly outbox
	@bin/with-postgresql $(BIN)/python -m benchmarks nightly outbox

mutants: $(TEST_ENV) $(FRONT_END) ## tier 4: take each mend out in a copy, and see its test fail
	@$(BIN)/python -m tests.mutants

statements: $(TEST_ENV) $(FRONT_END) system-packages ## choose anew what need not run on PostgreSQL (tests/statements.py)
	@rm -rf .cache/statements
	@ALL_STATEMENTS=1 $(ON_POSTGRESQL) -n $(JOBS) -m databases -p tests.statements
	@$(BIN)/python -m tests.statements

bench: $(TEST_ENV) $(FRONT_END) ## tier 4: measure time, CPU and weight into benchmarks/results/
	@$(BIN)/python -m benchmarks

fix: $(TEST_ENV) ## put right what can be put right without thinking
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(if $(TEMPLATES),$(BIN)/djhtml --tabwidth 2 $(TEMPLATES))

.venv/bin/python:
	@bin/need venv python3-venv
	$(PYTHON) -m venv .venv
	$(PIP) uv==0.13.9

$(RUN_ENV): requirements.txt constraints.txt | .venv/bin/python
	@$(INSTALL) -r requirements.txt -c constraints.txt
	@touch $@

$(TEST_ENV): requirements-dev.txt requirements-s3.txt $(RUN_ENV)
	@$(INSTALL) -r requirements-dev.txt -c constraints.txt
	@touch $@

$(NODE_ENV): package.json package-lock.json
	npm ci --no-audit --no-fund
	@touch $@

$(FRONT_END): $(NODE_ENV) $(shell find styles -type f 2>/dev/null)
	npm run --silent build
	@mkdir -p $(@D) && touch $@
