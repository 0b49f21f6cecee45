# `make` lists what can be made. Each target sets up what it needs.
SHELL := /bin/sh
.DEFAULT_GOAL := help
unexport PYTHONDONTWRITEBYTECODE # napari starts two to three times slower with it

# uv may be in the checkout only; the demo fetches the packages of its pictures by it.
export PATH := $(CURDIR)/.uv/bin:$(PATH)
# Pictures of the demo library, kept from one run to the next.
export CELLIB_PACKAGES := $(CURDIR)/.packages

setup_script := scripts/setup
bin := .venv/bin
comma := ,
space := $(subst ,, )

# A screen of the size that everything must fit on, where there is none.
ifeq ($(DISPLAY)$(WAYLAND_DISPLAY),)
ifeq ($(shell uname -s),Linux)
screen := xvfb-run -a -s "-screen 0 1366x768x24"
# Windows share one keyboard: tests that show some run beside one another only where
# each worker can have a screen of its own.
own_screens := -n logical --maxprocesses 2
own_screen := env CELLIB_OWN_SCREENS=1
endif
endif

# First all that show no window, then the others; of either kind there may be none among
# those chosen. A second word leaves some out, a third folders.
define run_tests
$(screen) $(1)/python -m pytest -n logical --maxprocesses 4 -m "not live and not screen$(2)" $(3) $(ARGS) \
	|| [ $$? -eq 5 ]
$(call run_windows,$(1),$(2),$(3))
endef

define run_windows
$(screen) $(own_screen) $(1)/python -m pytest $(own_screens) -m "not live and screen$(2)" $(3) $(ARGS) || [ $$? -eq 5 ]
endef

# What the pages say is the same in each environment.
no_pages := --ignore=tests/docs

# Where a line without a test would be a line that nobody has tried.
core := errors jobs settings model/* pixels/* pixels/*/* library/* library/*/* viewmodels/*

.PHONY: help setup demo test test-pyside6 test-newest test-floors test-peers test-all \
	coverage lint format docs terms bench clean

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

setup: ## make the environment in .venv, with all tools
	@$(setup_script) dev

demo: ## make the demo library and open napari with the panel (without a screen: a tour)
	@$(setup_script)
	$(screen) $(bin)/cellib demo $(if $(screen),--tour)

test: ## run all tests (PyQt6); choose with ARGS="tests/model -k orcid"
	@$(setup_script) test
	@$(bin)/cellib demo --fetch-only
	$(call run_tests,$(bin))

test-pyside6: ## run the tests that show windows on PySide6 and the newest Python at hand
	@$(setup_script) --venv .venv-pyside6 --qt pyside6 --python "3.13 3.12 3.11" test
	@.venv-pyside6/bin/cellib demo --fetch-only
	$(call run_windows,env PYTEST_QT_API=pyside6 .venv-pyside6/bin, and not slow,$(no_pages))

test-newest: ## run all but slow tests on the newest Python at hand, with PySide6
	@$(setup_script) --venv .venv-pyside6 --qt pyside6 --python "3.13 3.12 3.11" test
	@.venv-pyside6/bin/cellib demo --fetch-only
	$(call run_tests,env PYTEST_QT_API=pyside6 .venv-pyside6/bin, and not slow,$(no_pages))

test-floors: ## run all but slow tests on the lowest versions that pyproject.toml allows
	@$(setup_script) --venv .venv-floors --floors test
	@.venv-floors/bin/cellib demo --fetch-only
	$(call run_tests,.venv-floors/bin, and not slow,$(no_pages))

test-peers: ## open what other programs write (ome-zarr, ngff-zarr, bioio, tensorstore)
	@$(setup_script) --venv .venv-peers test peers
	.venv-peers/bin/python -m pytest tests/peers $(ARGS)

test-all: test test-newest test-floors ## run the tests in all three environments

coverage: ## run all tests and list the lines of the core that they miss
	@rm -f .coverage
	@$(MAKE) test ARGS="--cov --cov-append --cov-report= $(ARGS)"
	$(bin)/coverage report --fail-under=95 \
		--include="$(subst $(space),$(comma),$(core:%=src/napari_cellib/%.py))"

lint: ## check the form, the types, the import law, the manifest and the docstrings
	@$(setup_script) lint
	$(bin)/ruff format --check .
	$(bin)/ruff check .
	$(bin)/mypy
	$(bin)/lint-imports
	$(bin)/npe2 validate src/napari_cellib/napari.yaml
	$(bin)/numpydoc lint $$(find src/napari_cellib/pixels src/napari_cellib/library -name '*.py')

format: ## put the code into its form
	@$(setup_script) lint
	$(bin)/ruff check --fix-only .
	$(bin)/ruff format .

docs: ## build the site into site/
	@$(setup_script) docs
	$(bin)/mkdocs build --strict

terms: ## build the ontology terms that come with the program (Debian or Ubuntu)
	@$(setup_script) terms
	$(bin)/python scripts/build_terms.py

bench: ## say how to measure
	@echo "Each file of benchmarks/ is a program that measures one thing and prints it:"
	@for file in benchmarks/*.py; do echo "    $(bin)/python $$file"; done

clean: ## remove what was made
	rm -rf .venv .venv-* .uv .packages .coverage htmlcov dist build site tour
	rm -rf .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
