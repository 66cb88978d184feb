# Two commands are enough: `make demo` shows what it does, `make test` checks all of it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
SCRATCH := $(CURDIR)/$(VENV)/scratch
DEMO := data
DEMO_AS_OF := 2026-09-30T23:59:59Z
PORT ?= 3000

export DO_NOT_TRACK := 1

.PHONY: demo test system lint dev bench lock clean

$(INSTALLED): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	@if command -v uv >/dev/null; then \
		uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements.lock && \
		uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .; \
	else \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .; \
	fi
	@mkdir -p $(SCRATCH)
	@ANSWERABLE_HOME=$(SCRATCH) $(BIN)/python -m orchestration.manifest
	@touch $@

# Landed files of a made-up supplier, the whole job on them, and the scorecard.
demo: $(INSTALLED)
	@test -d $(DEMO)/landing || $(BIN)/answerable demo --out $(DEMO)/landing
	@ANSWERABLE_HOME=$(DEMO) ANSWERABLE_LANDING=$(DEMO)/landing ANSWERABLE_AS_OF=$(DEMO_AS_OF) $(BIN)/answerable run

# Style first, then the tests, those that take long before those that fill the gaps; at the end, what took longest.
test: system lint
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder --durations 25 \
		tests/property tests/integration tests/e2e tests/unit

# The browser that the tests look with, from the system's packages.
system:
	@sh tests/system.sh

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	ANSWERABLE_HOME=$(SCRATCH) DBT_TARGET_PATH=$(SCRATCH)/target DBT_LOG_PATH=$(SCRATCH)/logs \
		$(BIN)/sqlfluff lint --processes 2 dbt_project/models dbt_project/tests

# The asset graph in a browser, on the same home as the command line.
dev: $(INSTALLED)
	DAGSTER_HOME=$$($(BIN)/python -m orchestration.instance) $(BIN)/dagster dev --port $(PORT)

bench: $(INSTALLED)
	$(BIN)/python -m bench

lock:
	uv pip compile --quiet pyproject.toml --extra dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --no-annotate --no-strip-extras --output-file requirements.lock

clean:
	rm -rf $(VENV) data
