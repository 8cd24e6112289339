# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
#
#   make demo    a simulated street on this machine, with a page to open
#   make test    everything that can be tested here
#   make check   style, types, import rules, licences

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TYPINGS := firmware/typings/.ready

.PHONY: demo test check bench fuzz soak clean setup system

demo: setup
	@$(BIN)/barri demo $(ARGS)

test: setup system
	$(BIN)/pytest -q $(ARGS)

check: setup $(TYPINGS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --config-file firmware/mypy.ini
	$(BIN)/codespell
	$(BIN)/reuse lint --quiet
	$(BIN)/pytest -q tests/rules

bench: setup
	$(BIN)/barri bench all

# Longer than the tests: more examples, the same statements.
fuzz: setup
	BARRI_FUZZ_EXAMPLES=20000 $(BIN)/pytest -q tests/fuzz --timeout=3600

soak: setup system
	BARRI_SOAK=1 $(BIN)/pytest -q -m "soak or not soak" --timeout=7200

setup: $(READY)

$(READY): pyproject.toml requirements.lock tools/setup.sh
	@PYTHON=$(PYTHON) tools/setup.sh $(VENV) requirements.lock
	@touch $@

$(TYPINGS): pyproject.toml | setup
	@$(BIN)/pip install --quiet --no-deps --target firmware/typings --upgrade \
	    micropython-esp32-stubs==1.29.0.post1 micropython-stdlib-stubs==1.29.0
	@touch $@

# What the tests use besides Python: installed where that is allowed, skipped by name elsewhere.
system:
	@tools/system-packages.sh

clean:
	rm -rf $(VENV) build firmware/typings
