# `make run` and `make test` are the two commands a newcomer needs; both set up what they use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test bench chaos lint types pytest lock clean

run: $(VENV)/run.stamp
	$(BIN)/zavhoz run

test: lint types pytest

chaos: $(VENV)/dev.stamp
	$(BIN)/python -m tests.chaos
	CHAOS_SCALE=$${CHAOS_SCALE:-5} $(BIN)/pytest -q tests/reliability

bench: $(VENV)/bench.stamp
	$(BIN)/python -m bench

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/bandit -q -c pyproject.toml -r engine storage bot migrations
	$(BIN)/zavhoz check flows

types: $(VENV)/dev.stamp
	$(BIN)/mypy

pytest: $(VENV)/dev.stamp
	$(BIN)/pytest -n auto --dist loadfile --cov --cov-report=term

lock: $(VENV)/dev.stamp
	$(BIN)/pip install -q pip-tools
	$(BIN)/pip-compile -q --strip-extras --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host -o requirements.lock pyproject.toml
	$(BIN)/pip-compile -q --strip-extras --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --extra dev --allow-unsafe -o requirements-dev.lock pyproject.toml
	$(BIN)/pip-compile -q --strip-extras --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --extra bench --constraint requirements-dev.lock -o requirements-bench.lock pyproject.toml

clean:
	rm -rf $(VENV)

$(VENV)/run.stamp: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --require-hashes -r requirements.lock
	$(BIN)/pip install -q --no-deps -e .
	touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements-dev.lock
	$(BIN)/pip install -q --require-hashes -r requirements-dev.lock
	touch $@

$(VENV)/bench.stamp: $(VENV)/dev.stamp requirements-bench.lock
	$(BIN)/pip install -q --require-hashes -r requirements-bench.lock
	touch $@
