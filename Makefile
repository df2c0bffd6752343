# `make run` and `make test` are the two commands a newcomer needs; both set up what they use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SUDO = $(shell test "$$(id -u)" = 0 || echo sudo)
VERSION = $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)

.PHONY: run test tools bench chaos lint types check pytest wheel image hooks lock clean

run: $(VENV)/run.stamp
	$(BIN)/zavhoz run

# What is quick and what is one process at a time runs two at once; each prints when it is done.
test: $(VENV)/dev.stamp
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target lint types check
	$(MAKE) --no-print-directory pytest wheel

# What a few tests need beside Python's packages, and skip without: a browser for the chat page, Prometheus with its promtool.
tools: $(VENV)/dev.stamp
	$(SUDO) apt-get update
	$(SUDO) apt-get install --yes --no-install-recommends prometheus
	$(BIN)/playwright install --with-deps chromium

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
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/ci.yml
	$(BIN)/pre-commit validate-config

types: $(VENV)/dev.stamp
	$(BIN)/mypy

check: $(VENV)/dev.stamp
	$(BIN)/zavhoz check flows
	$(BIN)/python -m tests.alembic_rounds

pytest: $(VENV)/dev.stamp
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder --cov --cov-report=term
	$(BIN)/coverage report --format=total --include="bot/*" --fail-under=85
	$(BIN)/coverage report --format=total --include="storage/*" --fail-under=80
	$(BIN)/coverage report --format=total --include="storage/models/*" --fail-under=90

# A release: all that an operator brings to a server, see docs/operations.md.
wheel: $(VENV)/dev.stamp
	rm -rf build dist
	$(BIN)/pip wheel -q --no-deps -w dist .
	cp requirements.lock CHANGELOG.md deploy/systemd/* deploy/nginx/zavhoz.conf dist
	cp .env.example dist/zavhoz.env

image:
	docker build --tag zavhoz:$(VERSION) .

hooks: $(VENV)/dev.stamp
	$(BIN)/pre-commit install

lock: $(VENV)/dev.stamp
	$(BIN)/pip install -q pip-tools
	$(BIN)/pip-compile -q --no-strip-extras --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host -o requirements.lock pyproject.toml
	$(BIN)/pip-compile -q --no-strip-extras --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --extra dev --allow-unsafe -o requirements-dev.lock pyproject.toml
	$(BIN)/pip-compile -q --no-strip-extras --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --extra bench --constraint requirements-dev.lock -o requirements-bench.lock pyproject.toml

clean:
	rm -rf $(VENV)

# A test makes sure that the tests' lock has all that the bot's has.
define install
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --require-hashes -r $<
	$(BIN)/pip install -q --no-deps -e .
	touch $@
endef

$(VENV)/run.stamp: requirements.lock pyproject.toml
	$(install)

$(VENV)/dev.stamp: requirements-dev.lock pyproject.toml
	$(install)

$(VENV)/bench.stamp: $(VENV)/dev.stamp requirements-bench.lock
	$(BIN)/pip install -q --require-hashes -r requirements-bench.lock
	touch $@
