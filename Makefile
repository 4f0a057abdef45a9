# Targets document themselves: `make help`. Nothing here is needed on a cluster; there it is `pip install .`
SHELL := /bin/bash
VENV ?= .venv
PYTHON ?= python3
ARGS ?=
WORKERS ?= 2
SWEEP ?= algorithms
RUN = $(VENV)/bin/python -m
STAMP = $(VENV)/.nas-installed

.DEFAULT_GOAL := help
.PHONY: help demo large-scale nasbench201 compare test test-all toy cifar10 gray-cifar10 imagenet sweep retrain status report bench docs lint types format clean slurm-up slurm-down

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /\1\t/' | awk -F'\t' '{printf "  make %-13s %s\n", $$1, $$2}'
	@echo
	@echo '  VENV=path uses an existing environment, ARGS="..." adds Hydra overrides: make demo ARGS="seed=1 run=demo-1"'

demo: $(STAMP) ## evolve cells on real images (digits) in about two minutes, and write a report
	$(RUN) nas.evolve experiment=demo run=demo $(ARGS)

test: $(STAMP) ## run the tests, WORKERS=2 files at a time
	$(RUN) pytest -m "not slow" -n $(WORKERS) $(ARGS)

test-all: $(STAMP) ## run the tests, the slow ones too
	$(RUN) pytest -n $(WORKERS) $(ARGS)

toy: $(STAMP) ## evolve bit strings, as in supplement C of the paper (seconds)
	$(RUN) nas.evolve experiment=toy $(ARGS)

cifar10: $(STAMP) ## the paper's main search on CIFAR-10 (thousands of GPU-days at full size; set budget.*)
	$(RUN) nas.evolve experiment=aging_cifar10 $(ARGS)

gray-cifar10: $(STAMP) ## the paper's small-scale study on gray CIFAR-10
	$(RUN) nas.evolve experiment=gray_cifar10 $(ARGS)

imagenet: $(STAMP) ## search on a proxy of ImageNet, every child a SLURM job; it names its cost, ARGS="yes=true" starts it
	$(RUN) nas.evolve experiment=aging_imagenet $(ARGS)

large-scale: $(STAMP) ## grow free-form networks with inherited weights (digits, a minute or two)
	$(RUN) nas.evolve experiment=large_scale_demo run=large-scale $(ARGS)

nasbench201: $(STAMP) ## regularized evolution on NAS-Bench-201 (needs nasbench201.npz in NAS_DATA, or data/)
	$(RUN) nas.evolve experiment=nasbench201 $(ARGS)

compare: $(STAMP) ## five algorithms on digits, five seeds each, on one page (under an hour on two cores)
	$(RUN) nas.compare experiment=compare_small $(ARGS)

sweep: $(STAMP) ## create a sweep in Weights & Biases: SWEEP=algorithms, population or training (needs an account)
	@$(RUN) nas.tracking.wandb_login
	$(VENV)/bin/wandb sweep conf/sweep/$(SWEEP).yaml $(ARGS)

retrain: $(STAMP) ## train the best of a search anew, enlarged: make retrain ARGS="run=NAME network=cifar"
	$(RUN) nas.retrain $(ARGS)

status: $(STAMP) ## what all runs are at; ARGS="run=NAME" shows one with its jobs
	$(RUN) nas.status $(ARGS)

report: $(STAMP) ## write the report of a run: make report ARGS="run=demo"
	$(RUN) nas.report $(ARGS)

bench: $(STAMP) ## benchmarks of the engine, of a child and of tracking, as ratios to doing without
	$(RUN) benchmarks.engine
	$(RUN) benchmarks.child_overhead
	$(RUN) benchmarks.tracking

docs: $(STAMP) ## the site: build/site/index.html
	$(RUN) sphinx -E -a -W -q -n docs build/site

lint: $(STAMP) ## check style
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: $(STAMP) ## check types
	$(VENV)/bin/mypy

format: $(STAMP) ## format the code
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

slurm-up: ## start a real one-machine SLURM for tests (Debian, root)
	tests/slurm/start.sh

slurm-down: ## stop it
	tests/slurm/stop.sh

clean: ## remove caches and builds; runs stay
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

# An environment that make did not make is used as it is, provided nas is importable with its development tools.
$(STAMP): pyproject.toml
	@case "$$(uname -s)" in Linux|Darwin) ;; *) echo "nas runs on Linux and macOS; on Windows use WSL." >&2; exit 1;; esac
	@test -x $(VENV)/bin/python || $(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11)' || { echo "nas needs Python 3.11 or newer; say PYTHON=python3.x" >&2; exit 1; }
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --editable '.[dev]'
	@touch $@
