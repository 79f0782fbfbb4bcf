#!/bin/sh
# Changes every rule of consent_core/domain in small ways and tells which changes no test of tests/domain notices.
#   sh tests/domain/mutation.sh [PROCESSES]
# Needs mutmut 3 beside the test dependencies. Works on a copy, whose path is printed; never on the checkout itself.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
copy=$(mktemp -d)
mkdir "$copy/tests"
cp -r "$root/consent_core" "$root/pyproject.toml" "$copy"
cp -r "$root/tests/__init__.py" "$root/tests/conftest.py" "$root/tests/domain" "$root/tests/vectors" "$copy/tests"
cat >>"$copy/pyproject.toml" <<'CONFIG'

[tool.mutmut]
source_paths = ["consent_core"]
only_mutate = ["consent_core/domain/*.py"]
pytest_add_cli_args = ["-q", "-p", "no:cacheprovider"]
pytest_add_cli_args_test_selection = ["tests/domain"]
CONFIG
cd "$copy"
echo "working in $copy"
mutmut run --max-children "${1:-2}" >run.log 2>&1 || { tail -n 20 run.log; exit 1; }
tail -n 1 run.log | tr '\r' '\n' | tail -n 1
mutmut results
