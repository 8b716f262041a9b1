# Two commands: `make reproduce` (results and book) and `make test` (checks and tests).
# Each sets up .venv from requirements.lock first, when it is missing or no longer fits.
#
#   make reproduce PYTHON=python3.12          another Python
#   make reproduce CORES=8                    more processors
#   make reproduce WHEELHOUSE=/media/usb/wheelhouse     no internet: see `make wheelhouse`

PYTHON ?= python3
CORES ?= 2
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
# File names in any language, whatever the locale.
export PYTHONUTF8 := 1
ifdef WHEELHOUSE
SOURCE := --wheelhouse "$(WHEELHOUSE)"
FACEAGE_DATA_DIR ?= $(WHEELHOUSE)/data
export FACEAGE_DATA_DIR
endif

.PHONY: reproduce book-pdf test check setup wheelhouse lock clean

reproduce: setup
	$(BIN)/python analysis/reproduce.py --cores $(CORES)

# One PDF of the built book, for paper; needs Chromium.
book-pdf: setup
	$(BIN)/python analysis/print_book.py

MODULES := $(foreach depth,*.py */*.py */*/*.py */*/*/*.py,$(wildcard faceage_stats/$(depth)))

# One thread per worker: the workers themselves run side by side, and idle threads would keep them.
test: export OMP_NUM_THREADS = 1
test: export OPENBLAS_NUM_THREADS = 1
test: export MKL_NUM_THREADS = 1
test: check
	$(BIN)/python -m pytest -n $(CORES) --dist loadfile --no-loadscope-reorder --durations 10

check: setup
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/python -m codespell_lib
	@$(BIN)/python -m numpydoc lint $(MODULES)

setup:
	@$(PYTHON) analysis/install.py $(SOURCE)

# One folder that sets the project up where there is no internet.
FOLDER ?= wheelhouse
wheelhouse: setup
	$(BIN)/python analysis/wheelhouse.py "$(FOLDER)"

# Maintainers: recompile the lock after a change of pyproject.toml (needs uv). Extras stay in the
# lines: without them pip would look for the newest release of what they need.
lock:
	uv pip compile --universal --no-strip-extras --generate-hashes --no-emit-index-url --no-header \
	  --python-version 3.11 --extra score --extra book --extra cluster --extra coxnet --extra dev \
	  --group models pyproject.toml -o requirements.lock

# Results and pages; compiled kernels are found again, or made again when their source changed.
clean:
	rm -rf results analysis/data book/_build book/_generated .snakemake
