# make run           install, then recompute edition 2024 of the embedded demo, through to a release
# make run EDITION=2020 | EDITION=all          [CONFIG=file.toml]
# make test          install, then all tests
# make check         format, lint, types, SQL, definitions
# make ui            Dagster's UI on 127.0.0.1:3000 [CONFIG=file.toml]
# make site          the documentation as pages that open from disk: build/site/index.html
# make bench         the chain's benchmark at scale 0.1 [SCALE=1] [PARTS=one,peer] [BENCH=folder]
# make lock          resolve the dependencies of pyproject.toml anew
# make clean         remove what these made

PYTHON  ?= python3
EDITION ?= 2024
CONFIG  ?=
SCALE   ?= 0.1
PARTS   ?=
BENCH   ?=
VENV    := .venv
BIN     := $(VENV)/bin
READY   := $(VENV)/.installed
WHICH   := $(if $(filter all,$(EDITION)),--all,--edition $(EDITION))

.PHONY: run test check ui bench site lock clean

run: $(READY)
	@$(BIN)/stclusters run $(WHICH) $(if $(CONFIG),--config $(CONFIG))

test: $(READY)
	@$(BIN)/pytest -n auto

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --nocolor --disable-progress-bar sql
	$(BIN)/stclusters env -- $(BIN)/dg check defs

ui: $(READY)
	@$(BIN)/stclusters env $(if $(CONFIG),--config $(CONFIG)) -- \
	  $(BIN)/dagster dev --host 127.0.0.1 --port 3000 --module-name pipelines.definitions

# two editions, so that the pages can tell why a rank moved
site: $(READY)
	@$(BIN)/stclusters run --edition 2023 --edition 2024
	@$(BIN)/python docs/site.py build/docs
	@$(BIN)/zensical build --strict

bench: $(READY)
	@$(BIN)/python -m benchmarks.chain --scale $(SCALE) $(if $(PARTS),--parts $(PARTS)) $(if $(BENCH),--folder $(BENCH))

# --no-deps: the lock is complete; pip would refuse an extra such as gql[requests] without a hash of its own.
# PYTHONWARNINGS: setuptools warns of every editable install, as if something were wrong
$(READY): requirements.lock pyproject.toml
	@echo "Installing into $(VENV), once ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

lock:
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --quiet -o requirements.lock

# Dagster's telemetry leaves two empty folders, though it is off
clean:
	rm -rf $(VENV) workspace build stclusters.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@rmdir logs .logs_queue 2>/dev/null || true
