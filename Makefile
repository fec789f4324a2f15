# make demo    run the main job offline on what comes with the package
# make test    every test
# make check   format, lint, types
# make demo-model    train the demo model anew (under 20 minutes on 2 cores)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test check format demo-model peer clean

demo: $(READY)
	$(BIN)/evalkit run --model demo --tasks superglue --shots 0,1,4 --data-dir samples --output runs/demo --overwrite

test: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/pytest -n auto --dist loadfile

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

demo-model: $(READY)
	$(BIN)/python -m evalkit.models.demo.train --output evalkit/models/demo/weights

# lm-evaluation-harness in an environment of its own, for the parity test and the benchmarks.
peer: .peer-env/.ready

.peer-env/.ready: constraints.txt
	$(PYTHON) -m venv .peer-env
	.peer-env/bin/python -m pip install --quiet --disable-pip-version-check "$$(grep ^torch== constraints.txt)"
	.peer-env/bin/python -m pip install --quiet --disable-pip-version-check "lm_eval[hf]==0.4.13"
	touch $@

clean:
	rm -rf $(VENV) .peer-env build dist runs .mypy_cache .pytest_cache .ruff_cache

# torch goes first and by its pinned version, so that nothing asks for another build of it.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "evalkit needs Python 3.11 or later; $(PYTHON) is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt "$$(grep '^torch==' constraints.txt)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@
