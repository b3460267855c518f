# What a person types. `make run` and `make test` need nothing but python3 >= 3.11 with venv, and (for two suites) npm.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SERVERS := .servers
HAVE_NPM := $(shell command -v npm)
SUITES := $(if $(HAVE_NPM),examples,$(filter-out examples/everything.yaml examples/everything-http.yaml examples/filesystem.yaml examples/memory.yaml,$(wildcard examples/*.yaml)))
# Without bytecode every process would compile the program anew, and take three times as long to start.
unexport PYTHONDONTWRITEBYTECODE
export PATH := $(CURDIR)/$(SERVERS)/python/bin:$(CURDIR)/$(SERVERS)/node/node_modules/.bin:$(PATH)

.PHONY: install servers test-servers run test check chaos bench lock clean

install: $(VENV)/installed

$(VENV)/installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("python 3.11 or newer is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

# The public servers that the examples test, at pinned versions, in a folder of this project.
servers: $(SERVERS)/python/installed $(if $(HAVE_NPM),$(SERVERS)/node/installed)

# Beside them, for the tests alone: an older release that public suites were written against, and what looks for barriers.
test-servers: servers $(if $(HAVE_NPM),$(SERVERS)/node-2025/installed $(SERVERS)/axe/installed)

$(SERVERS)/python/installed: examples/servers/requirements.lock
	$(PYTHON) -m venv $(SERVERS)/python
	$(SERVERS)/python/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	touch $@

$(SERVERS)/node/installed: examples/servers/package.json examples/servers/package-lock.json
	mkdir -p $(SERVERS)/node
	cp $^ $(SERVERS)/node/
	cd $(SERVERS)/node && npm ci --no-audit --no-fund --silent
	touch $@

$(SERVERS)/node-2025/installed: tests/servers/npm-2025/package.json tests/servers/npm-2025/package-lock.json
	mkdir -p $(SERVERS)/node-2025
	cp $^ $(SERVERS)/node-2025/
	cd $(SERVERS)/node-2025 && npm ci --no-audit --no-fund --silent
	touch $@

$(SERVERS)/axe/installed: tests/integration/reports/axe/package.json tests/integration/reports/axe/package-lock.json
	mkdir -p $(SERVERS)/axe
	cp $^ $(SERVERS)/axe/
	cd $(SERVERS)/axe && npm ci --no-audit --no-fund --silent
	touch $@

run: install servers
ifndef HAVE_NPM
	@echo "skipped: examples/everything.yaml, examples/everything-http.yaml, examples/filesystem.yaml, examples/memory.yaml (their servers come from npm, which is not here)"
endif
	$(BIN)/mcp-test-harness run $(SUITES)

test: install test-servers
	$(BIN)/pytest -q -n 3 --dist loadgroup

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Breaks a farm in every way that we know, and writes what became of the tests. Over an hour; `make test` has a short form.
chaos: install
	$(BIN)/python -m tests.chaos --report docs/reliability.md

bench: install servers
	$(BIN)/python -m bench

# Needs uv. Both locks are universal: one file for every platform and Python that we support.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra dev pyproject.toml requirements-build.in -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header examples/servers/requirements.in -o examples/servers/requirements.lock
	for folder in examples/servers tests/servers/npm-2025 tests/integration/reports/axe; do \
		(cd $$folder && npm install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund); done

clean:
	rm -rf $(VENV) $(SERVERS) .farm
