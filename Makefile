# make demo   a small invented house on http://localhost:8000
# make test   everything that is proven, on SQLite and PostgreSQL, with a browser
# make check  the linters only         make format    tidy the code
# make bench  the speed bars           make messages  texts from code and templates into the catalogues
# make clean  what the tools made, never var/ or keys/

SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.installed-run
TEST_STAMP := $(VENV)/.installed-test
WORKERS ?= 2
DEMO ?=

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1

.DEFAULT_GOAL := help
.PHONY: help demo test check bench messages catalogues format clean chromium
.DELETE_ON_ERROR:

help:
	@sed -n '/^$$/q; s/^# //p' Makefile

demo: $(RUN_STAMP) catalogues
	@$(BIN)/safetyplan demo $(DEMO)

# pytest comes last and its closing line stays the last thing printed; a linter that failed before it still fails the run.
test: $(TEST_STAMP) catalogues chromium
	@$(MAKE) --no-print-directory check; checked=$$?; \
	$(BIN)/pytest -q -n $(WORKERS); tested=$$?; \
	exit $$(( checked || tested ))

# Each linter runs even if another failed, so that one run shows everything there is to mend.
check: $(TEST_STAMP)
	@failed=; \
	say() { name=$$1; shift; printf '== %s\n' "$$name"; "$$@" || failed="$$failed $$name"; }; \
	say ruff $(BIN)/ruff check .; \
	say format $(BIN)/ruff format --check --quiet .; \
	say mypy $(BIN)/mypy; \
	say import-linter $(BIN)/lint-imports --no-logo; \
	say bandit $(BIN)/bandit -q -c pyproject.toml -r safetyplan; \
	say deptry $(BIN)/deptry safetyplan; \
	if [ -n "$$failed" ]; then printf '== failed:%s\n' "$$failed"; exit 1; fi

bench: $(RUN_STAMP) catalogues
	@$(BIN)/python -m tests.bench

messages: $(RUN_STAMP)
	@$(BIN)/python -m safetyplan.translations update
	@$(BIN)/python -m safetyplan.translations compile

catalogues: $(RUN_STAMP)
	@$(BIN)/python -m safetyplan.translations compile

format: $(TEST_STAMP)
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

clean:
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info
	find safetyplan tests -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
	find safetyplan/translations -name '*.mo' -delete

# A half-made environment (python3-venv was missing) is removed, so that the next run starts afresh.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'safetyplan needs Python 3.11 or later. Try: make PYTHON=python3.11' >&2; exit 1; }
	@if ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q python3-venv; \
	  else \
	    echo 'Python cannot make a virtual environment here. Run: sudo apt-get install -y python3-venv' >&2; exit 1; \
	  fi; \
	fi
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(RUN_STAMP): pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet -e .
	@touch $@

$(TEST_STAMP): pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet -e '.[test]'
	@touch $(RUN_STAMP) $@

# The browser tests use the system's Chromium; CHROMIUM=/path/to/it names another.
chromium:
	@if [ -x "$${CHROMIUM:-/usr/bin/chromium}" ]; then exit 0; fi; \
	if [ -z "$$CHROMIUM" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends chromium; \
	else \
	  echo 'The browser tests need Chromium. Run: sudo apt-get install -y chromium' >&2; exit 1; \
	fi
