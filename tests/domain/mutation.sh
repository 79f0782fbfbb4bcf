#!/bin/sh
# Changes every rule of consent_core/domain in small ways and tells which changes no test notices.
#   sh tests/domain/mutation.sh [PROCESSES]
# Needs mutmut 3 beside the test dependencies. Works on a copy, whose path is printed; never on the checkout itself.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
copy=$(mktemp -d)
cp -r "$root/consent_core" "$root/pyproject.toml" "$root/tests" "$copy"
# mutmut forks from a process that has run the tests: what the package remembers there would hide a change.
cat >>"$copy/tests/conftest.py" <<'FORGET'


def pytest_runtest_setup() -> None:
    from consent_core.domain.validation import _checks

    _checks.clear()
FORGET
cat >>"$copy/pyproject.toml" <<'CONFIG'

[tool.mutmut]
source_paths = ["consent_core"]
only_mutate = ["consent_core/domain/*.py"]
pytest_add_cli_args = ["-q", "-p", "no:cacheprovider"]
pytest_add_cli_args_test_selection = [
    "tests/domain",
    "tests/application",
    "tests/wire/test_claims.py",
    "tests/wire/test_rest_claims.py",
    "tests/wire/test_declared.py",
    "tests/wire/test_declared_record.py",
]
CONFIG
cd "$copy"
echo "working in $copy"
# Every change that no test notices costs a whole run, so there are few examples of each property.
export CONSENT_CORE_HYPOTHESIS=mutation
mutmut run --max-children "${1:-2}" >run.log 2>&1 || { tail -n 20 run.log; exit 1; }
tail -n 1 run.log | tr '\r' '\n' | tail -n 1
mutmut results
