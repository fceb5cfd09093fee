# `make demo` and `make test` are all that a newcomer needs; each does its own set-up. `make help` lists the rest.
.DEFAULT_GOAL := help
PY := .venv/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes
# Twice the cores, and whoever is done takes work from the others: the tests of whole processes mostly wait (8 min instead of 14).
WORKERS ?= $(shell echo $$((2 * $$(nproc))))
comma := ,
# A .venv whose Python is gone or was replaced holds nothing, whatever its stamps say.
$(shell [ ! -e .venv/app ] || scripts/venv.sh --check || rm -f .venv/app .venv/dev)

help: ## List what can be made
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## (.*)/  make \1	\2/' | expand -t 16

demo: setup ## Play a conversation against a stand-in Mattermost, then keep serving it (DEMO=once ends after it)
	@$(PY) -m tests.demo

test: .venv/dev ## Set everything up and run all tests
	@$(PY) -m tests.smollm2
	@$(PY) -m pytest -n $(WORKERS) --dist worksteal

bench: .venv/dev ## Measure what docs/BENCHMARKS.md promises (ROWS=ack,claim: a part of it); 25 minutes on a quiet machine
	@$(PY) -m tests.smollm2
	@$(PY) -m tests.bench $(subst $(comma), ,$(ROWS))

soak: .venv/dev ## Run what takes long: 300 damaged model files, storm after storm, a year of digests, orders of events; 80 minutes
	@$(PY) -m tests.smollm2
	@$(PY) -m pytest -m soak tests/soak

lint: .venv/dev ## Check style and types
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy

setup: .venv/app ## Install what Chorus runs on into .venv

llamacpp: .venv/app ## Install llama.cpp as a second engine, for models that are newer than GPT4All (docs/MODELS.md)
	@$(PIP) -r requirements-llamacpp.txt

lock: .venv/dev ## Compile requirements*.in into the locks with hashes
	@$(PIP:--require-hashes=) uv
	@for name in requirements requirements-dev requirements-llamacpp; do \
	    $(PY) -m uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url \
	        --no-emit-find-links --custom-compile-command "make lock" $$name.in -o $$name.txt; done

.venv/app: requirements.txt scripts/venv.sh
	@scripts/venv.sh
	@echo "Installing what Chorus runs on ..."
	@$(PIP) -r requirements.txt
	@touch .venv/app

.venv/dev: .venv/app requirements-dev.txt
	@echo "Installing what its tests need ..."
	@$(PIP) -r requirements-dev.txt
	@touch .venv/dev

.PHONY: soak help demo test bench lint setup llamacpp lock
