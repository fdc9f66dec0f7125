# One door to everything. Each target first makes the environment .venv, or reuses it: packaging/setup_environment.py.
# Where there is no make (Windows), the same lines work by hand; the README shows them.

ifneq ($(shell command -v python3 2>/dev/null),)
    SETUP := python3 packaging/setup_environment.py
else
    SETUP := uv run --no-project packaging/setup_environment.py
endif
PYTEST := $(SETUP) pytest --numprocesses logical --maxprocesses 4 --dist worksteal

.PHONY: setup demo run test check lint bench bench-train format keys pins clean

setup:   ## the environment and nothing else
	@$(SETUP)

demo:    ## sample project, a short fine-tune, then the window (without a screen: pictures of it in ./demo)
	@$(SETUP) boxwright demo

run:     ## the window
	@$(SETUP) boxwright

test:    ## every test
	@$(PYTEST)

check: lint  ## what a change has to pass: all of lint, and the tests that are not slow
	@$(PYTEST) -m "not slow"

lint:    ## format, lint, types and import contracts
	@$(SETUP) ruff format --check
	@$(SETUP) ruff check
	@$(SETUP) mypy
	@$(SETUP) lint-imports

bench:   ## every benchmark of tests/bench, one after the other, and a table
	@$(SETUP) python -m tests.bench

bench-train:  ## training beside a plain torchvision loop, 12 minutes each, and our YOLO; BENCH="--minutes 2" for less
	@$(SETUP) python -m tests.bench.training $(BENCH)

format:  ## put the code into shape
	@$(SETUP) ruff check --fix
	@$(SETUP) ruff format

keys:    ## write docs/keys.md from the commands and tools
	@$(SETUP) python packaging/write_keys.py

pins:    ## choose new pinned versions (needs uv)
	@uv pip compile --quiet --universal --python-version 3.11 --no-annotate --no-header --no-emit-index-url \
	    --no-emit-find-links --upgrade pyproject.toml --group dev --output-file packaging/pins-dev.txt
	@uv pip compile --quiet --universal --python-version 3.11 --no-annotate --no-header --no-emit-index-url \
	    --no-emit-find-links --constraint packaging/pins-dev.txt pyproject.toml --output-file packaging/pins-run.txt

clean:   ## what was made here, but for the environment
	rm -rf build dist demo .bench *.egg-info .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis
	find engine studio tests resources packaging -name __pycache__ -type d -prune -exec rm -rf {} +
