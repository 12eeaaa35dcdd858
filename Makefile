# Targets for Linux and macOS. On Windows, or without make, README.md has the same in three lines.
PYTHON ?= python3
VENV ?= .venv
OUT ?= demo-report
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.DELETE_ON_ERROR:
.PHONY: demo test lint notebooks bench clean

demo: $(INSTALLED)  ## the main job on corpus/; ends by naming the report
	$(BIN)/reflect-analysis demo --out "$(OUT)" --overwrite

test: $(INSTALLED) lint  ## what must hold before a change lands
	-$(BIN)/python benchmarks/postgres.py
	-$(BIN)/python tests/panel/chromium.py
	$(BIN)/python -m pytest -n auto --dist loadfile

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

notebooks: $(INSTALLED)  ## the notebooks, executed, as HTML in notebooks/rendered/
	$(BIN)/jupyter nbconvert --execute --to html --output-dir notebooks/rendered notebooks/*.ipynb

# Beside which agreement is timed; the first is under the GPL, so neither is a dependency.
RIVALS := $(VENV)/rivals
bench: $(VENV)/.rivals  ## figures beside what else one would run; BENCH=--quick for small sizes
	PYTHONPATH="$(RIVALS)" $(BIN)/python benchmarks/table.py $(BENCH)

$(VENV)/.rivals: $(INSTALLED)
	$(BIN)/python -m pip install --quiet --upgrade --no-deps --target "$(RIVALS)" \
	  krippendorff==0.9.0 nltk==3.10.4
	@touch "$@"

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	  || { echo "Python 3.11, 3.12 or 3.13 is needed; name one with: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "Python's venv module is missing; on Debian or Ubuntu: sudo apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv "$(VENV)"
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dev]'
	@touch "$@"

clean:
	rm -rf "$(VENV)" "$(OUT)" build dist notebooks/rendered
