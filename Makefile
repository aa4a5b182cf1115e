# tcplab: `make run` opens the laboratory, `make test` proves it. Both set themselves up in .venv.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
JOBS ?= 2
# Halves of the suite in order, so that tests which share a fixture stay together; who is done first takes from the other.
PYTEST := $(BIN)/python -m pytest -n $(JOBS) --dist worksteal

.PHONY: run test test-long test-versions interop throughput bench screenshots conformance mutants fuzz lint clean

run: $(READY)
	@$(BIN)/tcplab

test: $(READY)
	$(PYTEST)

test-long: $(READY)
	TCPLAB_LONG=1 $(PYTEST)

# The whole suite on every supported Python that is on the PATH or among pyenv's. Afterwards `make test` plays the
# golden sessions on all of them.
test-versions:
	@for v in 3.11 3.12 3.13; do \
		p=; for c in python$$v "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/$$v.*/bin/python$$v; do \
			"$$c" -c '' 2>/dev/null && p=$$c && break; done; \
		if [ -n "$$p" ]; then echo "== Python $$v: $$p"; \
			$(MAKE) --no-print-directory test PYTHON="$$p" VENV=.venv-$$v || exit 1; \
		else echo "== Python $$v is not on this machine: skipped"; fi; done

# Our endpoint against this kernel's TCP, in a network namespace of its own; needs root, else it skips and says why.
interop: $(READY)
	TCPLAB_INTEROP=full $(PYTEST) -rs tests/interop

# Our goodput beside Linux's, in virtual time: make throughput ARGS='--profile rfc --set nagle=off'
throughput: $(READY)
	@$(BIN)/python -m tests.interop.throughput $(ARGS)

bench: $(READY)
	$(BIN)/python -m tests.bench

screenshots: $(READY)
	$(BIN)/python -m tests.support.screenshots screenshots

# Every requirement, its tests and their results: tests/conformance/REPORT.md and .csv.
conformance: $(READY)
	$(BIN)/python -m tests.conformance.report

# Break the lines that obey N requirements drawn by SEED, and show that their tests notice.
mutants: $(READY)
	$(BIN)/python -m tests.conformance.mutants $(or $(N),60) $(or $(SEED),1)

# N mutated segments over all states.
fuzz: $(READY)
	$(BIN)/python -m tests.support.fuzz $(or $(N),1000000) $(or $(SEED),1)

lint: $(READY)
	$(BIN)/ruff check tcplab tests

clean:
	rm -rf .venv .venv-3.* build dist *.egg-info .pytest_cache .ruff_cache .hypothesis

$(READY): pyproject.toml
	@test -n "$(PYTHON)" || { echo "tcplab needs Python 3.11 or newer: install it, or say make PYTHON=/path/to/python"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@$(BIN)/python -m compileall -q tcplab  # an editable install leaves that to each start, which then takes twice as long
	@$(BIN)/python -m tcplab.lab  # and the labs, which each learner would read at the first start
	@touch $@
