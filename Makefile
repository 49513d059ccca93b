# Every target installs what it needs first, once, and may be called again at any time.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin

.PHONY: serve setup test lint bench docs lock

serve:
	@$(PYTHON) -m bootstrap serve
	@exec $(BIN)/quartier serve --with-data --port $(PORT)

setup:
	@$(PYTHON) -m bootstrap test

# Tests of one file run in one process, which makes what they share once; files in their order, short ones last.
test:
	@$(PYTHON) -m bootstrap test
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

lint:
	@$(PYTHON) -m bootstrap lint
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(PYTHON) -m bootstrap.npm run check

bench:
	@$(PYTHON) -m bootstrap test
	@$(BIN)/python -m benchmarks $(ARGS)

docs:
	@$(PYTHON) -m bootstrap test
	@$(BIN)/python -m docs.build

lock:
	@$(PYTHON) -m bootstrap.lock $(ARGS)
