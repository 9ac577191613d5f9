# Everything a newcomer types. Each target makes what it needs in .venv first.
.PHONY: demo test soak lint bench format

demo:
	@scripts/setup requirements.lock
	@.venv/bin/ivr demo

test:
	@scripts/setup requirements-dev.lock
	@$(MAKE) --no-print-directory lint
	@.venv/bin/pytest

soak:
	@scripts/setup requirements-dev.lock
	@SOAK=50 .venv/bin/pytest tests/routing/test_model.py tests/routing/test_rules.py tests/routing/test_scale.py
	@.venv/bin/pytest --redis=cluster
	@.venv/bin/pytest --redis=sentinel

lint:
	@scripts/setup requirements-dev.lock
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

format:
	@scripts/setup requirements-dev.lock
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

bench:
	@scripts/setup requirements-dev.lock
	@.venv/bin/python -m bench
