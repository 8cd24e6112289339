# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
#
#   make demo    a simulated street on this machine, with a page to open
#   make test    everything that can be tested here
#   make check   style, types, import rules, licences

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := $(VENV)/.demo
DEV := $(VENV)/.dev
TYPINGS := firmware/typings/.ready
SETUP := PYTHON=$(PYTHON) tools/setup.sh $(VENV) requirements.lock

.PHONY: demo test check bench fuzz soak clean system

demo: $(DEMO)
	@$(BIN)/barri demo $(ARGS)

test: $(DEV) system
	$(BIN)/pytest -q $(ARGS)

check: $(DEV) $(TYPINGS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --config-file firmware/mypy.ini
	$(BIN)/codespell
	$(BIN)/reuse lint --quiet
	$(BIN)/pytest -q tests/rules

bench: $(DEV)
	$(BIN)/barri bench all

# The same statements as the tests, on many more examples.
fuzz: $(DEV)
	BARRI_FUZZ_EXAMPLES=20000 $(BIN)/pytest -q tests/fuzz --timeout=3600

soak: $(DEV) system
	BARRI_FUZZ_EXAMPLES=1000 BARRI_STORE_FLASHES=400 BARRI_KILL_ROUNDS=40 $(BIN)/pytest -q --timeout=7200

# A demo needs less than the tests, and runs on machines where not all of that can be had.
$(DEMO): pyproject.toml requirements.lock tools/setup.sh
	@[ -f $(DEV) ] && [ $(DEV) -nt pyproject.toml ] || $(SETUP) demo
	@touch $@

$(DEV): pyproject.toml requirements.lock tools/setup.sh
	@$(SETUP) dev
	@touch $@

$(TYPINGS): pyproject.toml | $(DEV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --upgrade \
	    --target firmware/typings --constraint requirements.lock \
	    micropython-esp32-stubs micropython-stdlib-stubs
	@touch $@

# What the tests use besides Python: installed where that is allowed, skipped by name elsewhere.
system:
	@tools/system-packages.sh

clean:
	rm -rf $(VENV) build firmware/typings
