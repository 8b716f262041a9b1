# Two commands: `make reproduce` (results and book) and `make test` (checks and tests).
# Each creates .venv from requirements.lock first, when it is missing or older than the lock.

PYTHON ?= python3
CORES ?= 2
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
READY := .venv/.ready

.PHONY: reproduce test check lock clean

reproduce: $(READY)
	$(BIN)/python analysis/reproduce.py --cores $(CORES)

test: $(READY) check
	$(BIN)/python -m pytest -n $(CORES) --dist loadfile

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v < (3, 14) else "faceage_stats needs Python 3.11, 3.12 or 3.13; this is %d.%d. Try: make PYTHON=python3.12 ..." % v[:2])'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

# Maintainers: recompile the lock after a change of pyproject.toml (needs uv).
lock:
	uv pip compile --universal --no-strip-extras --generate-hashes --no-emit-index-url --no-header \
	  --python-version 3.11 --extra score --extra book --extra cluster --extra dev pyproject.toml -o requirements.lock

# Compiled kernels are cached beside their sources; this drops them after an edit of an inlined one.
clean:
	rm -rf results analysis/data book/_build book/_generated .snakemake
	find faceage_stats -name '*.nbi' -delete -o -name '*.nbc' -delete
