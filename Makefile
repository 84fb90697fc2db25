# The two commands are `make demo` and `make test`; each does all of its own set-up.
# The others are for those who change Safelight: `make lint`, `make validate`, `make pins`,
# `make bench-render`, `make bench-large`, `make bench-calibrate`, `make clean`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SAFELIGHT := $(BIN)/safelight
UV_VERSION := $(shell sed -n 's/^uv==\([^ ]*\).*/\1/p' requirements/dev.txt)

.DEFAULT_GOAL := help
.PHONY: help demo test lint validate pins BENCHMARK := PYTHONPATH=functions/render:functions/validate $(BIN)/python benchmarks/render
bench-render: $(VENV)/made $(BENCH)/node_modules
	@$(BENCHMARK)/bench.py

bench-large: $(VENV)/made
	@$(BENCHMARK)/large.py

bench-calibrate: $(VENV)/made
	@$(BENCHMARK)/calibrate.py

clean:
	@if [ -x $(SAFELIGHT) ]; then $(SAFELIGHT) down; fi
	@rm -rf $(VENV) .safelight .aws-sam gallery tests/output .pytest_cache .ruff_cache .mypy_cache .hypothesis
