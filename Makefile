# Everything a person types. Each target makes what it needs under .venv/ first and does nothing twice.
# PYTHON=… names the Python to make .venv with (3.11 or newer), PROGRAM=… another first process for `make run`,
# PYTEST=… more options for the tests.

PROGRAM ?= initproc
PYTEST ?=
BIN := .venv/bin
SETUP := tools/packaging/setup_venv.py
# the first Python that is new enough, or else python3, which then says what is wrong
FIND_PYTHON := for python in "$(PYTHON)" python3 python3.14 python3.13 python3.12 python3.11 python3; do \
	[ -n "$$python" ] && "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; done

.PHONY: help run test slow lint bench apps wheel corpus clean setup
.DEFAULT_GOAL := help

help:
	@echo 'make run     boot initproc into its shell (sets up and builds what is missing)'
	@echo 'make test    run the tests            make slow   run the long ones'
	@echo 'make lint    ruff and mypy            make bench  measure against qemu-riscv64'
	@echo 'make apps    compile guest programs   make wheel  build dist/rvsim-*.whl'
	@echo 'make corpus  fetch Debian programs    make clean  remove what was made, .venv/ too'

.venv/.installed: pyproject.toml
	@$(FIND_PYTHON); "$$python" $(SETUP) install </dev/null

.venv/.gate: .venv/.installed $(wildcard emu/*.px?)
	@$(BIN)/python $(SETUP) gate </dev/null

setup: .venv/.gate

apps: setup
	@$(BIN)/python -m rvsim.tools.guest_build </dev/null >&2

run: apps
	@$(BIN)/rvsim run $(PROGRAM)

test: apps
	@$(BIN)/python -m pytest -n auto -m 'not slow' $(PYTEST)

slow: wheel
	@$(BIN)/python -m pytest -m slow $(PYTEST)

lint: setup
	@$(BIN)/ruff check .
	@mkdir -p .venv/src && ln -sfn ../.. .venv/src/rvsim
	@$(BIN)/mypy

bench: apps
	@$(BIN)/rvsim bench --json bench.json

corpus: setup
	@$(BIN)/rvsim corpus fetch

wheel: apps
	@rm -rf build dist rvsim.egg-info
	@echo 'rvsim: building the wheel' >&2
	@$(BIN)/python -m pip --disable-pip-version-check wheel -q --no-deps --no-build-isolation -w dist .
	@rm -rf build rvsim.egg-info
	@ls dist/*.whl

clean:
	@rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .cache bench.json
	@rm -rf user_apps/bin emu/*.so emu/_gate.c
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
