# What this project can do: `make help` lists it.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

export PORT ?= 8000
# Each process of the tests would compile the whole site again.
unexport PYTHONDONTWRITEBYTECODE
PYTHON ?= python3
JOBS ?= 2
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
PYTEST := $(BIN)/pytest
TEMPLATES = $(shell git ls-files --cached --others --exclude-standard 'templates/*.html')

# Stamps, so that a second run installs and builds nothing.
RUN_ENV := .venv/.for-running
TEST_ENV := .venv/.for-testing
NODE_ENV := node_modules/.installed
FRONT_END := .cache/front-end/.built

.PHONY: help run test test-unit check fix demo bench stress mutants scale

help: ## list what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: $(RUN_ENV) $(FRONT_END) ## serve the site with its worker (PORT=8000, DATA_DIR=data)
	@exec $(MANAGE) serve --prepare

demo: $(RUN_ENV) $(FRONT_END) ## fill an empty database with the demonstration
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) createcachetable
	@$(MANAGE) demo

test: $(TEST_ENV) $(FRONT_END) ## every test: SQLite and browser, then PostgreSQL
	@bin/need chromium chromium
	@bin/need postgresql postgresql
	@echo "== On SQLite, and in Chromium"
	@$(PYTEST) -n $(JOBS)
	@echo "== On PostgreSQL"
	@bin/with-postgresql $(PYTEST) -n $(JOBS) --ignore tests/browser

test-unit: $(TEST_ENV) $(FRONT_END) ## the smaller run: without browsers, on SQLite
	@$(PYTEST) -n $(JOBS) --ignore tests/browser

stress: $(TEST_ENV) $(FRONT_END) ## the races (ROUNDS=50) and the rules of booking (STEPS=10000), on both databases
	@bin/need postgresql postgresql
	@ROUNDS=$${ROUNDS:-50} STEPS=$${STEPS:-10000} $(PYTEST) -m race
	@ROUNDS=$${ROUNDS:-50} STEPS=$${STEPS:-10000} bin/with-postgresql $(PYTEST) -m race

mutants: $(TEST_ENV) $(FRONT_END) ## take each mend out in a scratch copy, and see its test fail
	@$(BIN)/python -m tests.mutants

scale: $(TEST_ENV) $(FRONT_END) ## nightly jobs with 70,000 due rows each, on both databases
	@bin/need postgresql postgresql
	@$(BIN)/python -m benchmarks nightly
	@bin/with-postgresql $(BIN)/python -m benchmarks nightly

bench: $(TEST_ENV) $(FRONT_END) ## measure, and write what was measured to benchmarks/
	@$(BIN)/python -m benchmarks

check: $(TEST_ENV) $(FRONT_END) ## style, layers, types, migrations, deployment, templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(if $(TEMPLATES),$(BIN)/djhtml --check --tabwidth 2 $(TEMPLATES))
	$(BIN)/lint-imports --no-logo
	DJANGO_SETTINGS_MODULE=lms.settings.test $(MANAGE) makemigrations --check --dry-run
	bin/check-deployment
	$(PYTEST) -q tests/test_templates.py
	$(BIN)/mypy
	$(BIN)/pip check

fix: $(TEST_ENV) ## put right what can be put right without thinking
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(if $(TEMPLATES),$(BIN)/djhtml --tabwidth 2 $(TEMPLATES))

.venv/bin/python:
	@bin/need venv python3-venv
	$(PYTHON) -m venv .venv

$(RUN_ENV): requirements.txt constraints.txt | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt -c constraints.txt
	@touch $@

$(TEST_ENV): requirements-dev.txt $(RUN_ENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt -c constraints.txt
	@touch $@

$(NODE_ENV): package.json package-lock.json
	npm ci --no-audit --no-fund
	@touch $@

$(FRONT_END): $(NODE_ENV) $(shell find styles -type f 2>/dev/null)
	npm run --silent build
	@mkdir -p $(@D) && touch $@
