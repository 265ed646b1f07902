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

# Verbs, authority and what is drawn from them: typed. A file counts from the day it is there.
TYPED := $(wildcard history/__init__.py history/append_only.py lms/mail.py lms/links.py agencies/access.py \
	agencies/joining.py certificates/issuing.py certificates/rendering.py certificates/layout.py certificates/designing.py certificates/pictures.py certificates/words.py certificates/fitting.py lms/fonts.py lms/shaping.py lms/pictures.py certificates/outlines.py protocols/revising.py protocols/drafting.py protocols/copies.py protocols/edition_pdf.py protocols/on_paper.py protocols/approving.py protocols/reviewing.py protocols/amendments.py protocols/scheduling.py \
	protocols/thresholds.py protocols/thresholds_import.py protocols/thresholds_sheet.py protocols/thresholds_table.py lms/tables.py protocols/dissemination.py protocols/chasing.py protocols/chasing_drafts.py protocols/cascade_mail.py protocols/cascade_figures.py protocols/reading.py protocols/alerts.py courses/booking.py courses/places.py courses/by_link.py courses/queue.py courses/register.py courses/marking.py courses/sent_marks.py courses/roll.py courses/awarding.py courses/scheduling.py \
	courses/eligibility.py courses/shares.py courses/deadlines.py courses/clock.py courses/approving.py courses/approvers.py \
	courses/charging.py courses/reminding.py courses/delivering.py courses/training_elsewhere.py courses/proof.py lms/filing.py lms/letters.py lms/minutely.py lms/words.py lms/working_days.py \
	courses/minimum.py courses/repeating.py courses/telling.py courses/evaluation.py courses/evaluation_results.py \
	courses/handouts.py courses/pre_course.py courses/checking.py agencies/birth_dates.py record/telephone.py courses/run_certificates.py \
	record/training_record.py record/training_record_pdf.py record/sharing.py certificates/bundling.py \
	home/search.py home/search_index.py home/search_keeping.py home/search_sources.py home/search_words.py \
	assurance/compliance.py assurance/behind.py assurance/briefing.py assurance/coverage.py assurance/reports.py assurance/this_week.py)

# Stamps, so that a second run installs and builds nothing.
RUN_ENV := .venv/.for-running
TEST_ENV := .venv/.for-testing
NODE_ENV := node_modules/.installed
FRONT_END := .cache/front-end/.built

.PHONY: help run test test-unit check fix demo bench stress

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
	$(BIN)/mypy $(TYPED)
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
