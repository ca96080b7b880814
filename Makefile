# Every target sets up what it needs, the virtual environment included.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
LEPORELLO := $(BIN)/leporello

# Two test processes with one thread each: as many as the smallest machine has cores, and sums in a fixed order.
JOBS ?= 2
PYTEST := $(BIN)/python -m pytest -n $(JOBS) --dist worksteal
export OMP_NUM_THREADS := 1
unexport PYTHONPATH
# Many tests start processes of their own, which would compile all modules anew.
unexport PYTHONDONTWRITEBYTECODE

SPEC := examples/dates.yaml
DATES := "3rd of march, 99" "Sunday 5 May 1940" "the twenty-first of June 2018" "7.11.03"

.DEFAULT_GOAL := help
.PHONY: help demo test check lint types contract bench music digits shakespeare campaign renderers browser gallery screens tables same docs clean distclean

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

$(INSTALLED): pyproject.toml constraints.txt
	@echo "installing into .venv (once, about a minute)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one: make PYTHON=python3.12")'
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e ".[all,test]"
	@touch $@

demo: $(INSTALLED) ## check, draw, compile and train a model that reads dates, then let it read some
	@rm -rf demo && mkdir demo
	$(LEPORELLO) check $(SPEC)
	$(LEPORELLO) draw $(SPEC) -o demo/folded.svg
	$(LEPORELLO) draw $(SPEC)
	$(LEPORELLO) code $(SPEC) > demo/dates.py
	$(LEPORELLO) train $(SPEC) --run demo/run
	printf '%s\n' $(DATES) | $(LEPORELLO) translate demo/run
	$(LEPORELLO) draw --run demo/run --input "3rd of march, 99" --motion -o demo/looks.svg
	@echo
	@echo "the spec                $(SPEC)"
	@echo "pictures                demo/folded.svg; demo/looks.svg moves, and shows where the model looks"
	@echo "the PyTorch module      demo/dates.py"
	@echo "the run, weights inside demo/run; try it: $(LEPORELLO) translate demo/run"

test: lint types contract ## everything that a change must pass
	$(PYTEST)

check: lint types contract ## the quick part: style, types, import contract, tests of the graphs
	$(PYTEST) -m "not slow" tests/graphs tests/blocks --ignore tests/graphs/drawing

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .typing
	MYPYPATH=.typing $(BIN)/mypy -p leporello

contract: .typing
	cd .typing && ../$(BIN)/lint-imports --config ../pyproject.toml --no-cache --no-logo

# Tools that look for files rather than import need the package as one tree: links that mirror it.
.PHONY: .typing
.typing: $(INSTALLED)
	@mkdir -p .typing/leporello
	@ln -sf $(addprefix ../../,$(wildcard leporello/*.py leporello/py.typed leporello/cli)) .typing/leporello/
	@ln -sf $(addprefix ../../,graphs blocks builder training tui examples) .typing/leporello/
	@find -L .typing -maxdepth 2 -type l -delete

bench: $(INSTALLED) ## measure speed
	$(BIN)/python -m benchmarks

music: $(INSTALLED) ## three cells on chorales by one recipe: make music CHORALES=jsb-chorales-quarter.json
	$(BIN)/python -m benchmarks.chorales $(CHORALES)

digits: $(INSTALLED) ## which digit was said, from three seeds: make digits FSDD=fsdd.tar.gz
	$(BIN)/python -m benchmarks.digits $(FSDD)

shakespeare: $(INSTALLED) ## a character model beside a plain script: make shakespeare TEXT=input.txt
	$(BIN)/python -m benchmarks.shakespeare $(TEXT)

campaign: $(INSTALLED) ## the property tests on 1,000 samples each
	HYPOTHESIS_PROFILE=long $(PYTEST) -m "hypothesis or thinned"

renderers: $(INSTALLED) ## every example by Chromium, resvg, CairoSVG and as PNG: is it the same picture?
	$(BIN)/python -m tests.support.renderers

browser: $(INSTALLED) ## `leporello serve` in headless Chromium, by keys and mouse
	$(BIN)/python -m tests.support.browser

gallery: $(INSTALLED) ## every example in every view, in docs/gallery
	$(BIN)/python docs/gallery.py

screens: $(INSTALLED) ## the terminal UI as pictures, in docs/screens
	$(BIN)/python docs/screens.py

tables: $(INSTALLED) ## the tables of docs/language.md, from the fields that the program knows
	$(BIN)/python docs/tables.py

same: $(INSTALLED) ## does this state write the same pictures and sources as another? make same BEFORE=COMMIT
	$(BIN)/python -m tests.support.same_bytes $(BEFORE)

docs: $(INSTALLED) ## the block reference and every example, compiled, in docs/generated
	@rm -rf docs/generated && mkdir -p docs/generated
	@$(LEPORELLO) blocks > docs/generated/blocks.txt
	@set -e; for spec in examples/*.yaml; do \
	    $(LEPORELLO) code $$spec > docs/generated/$$(basename $$spec .yaml).py; \
	done
	@echo "written to docs/generated"

clean: ## remove what was made here, except the virtual environment
	rm -rf .typing demo docs/generated build dist *.egg-info
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name .venv -prune -o -name __pycache__ -type d -exec rm -rf {} +

distclean: clean ## remove the virtual environment too
	rm -rf .venv
