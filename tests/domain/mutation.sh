#!/bin/sh
# Changes every rule of consent_core/domain in small ways and tells which changes no test notices.
#   sh tests/domain/mutation.sh [PROCESSES]
# Needs mutmut 3 beside the test dependencies. Works on a copy, whose path is printed; never on the checkout itself.
set -eu
processes=${1:-2}
tests="tests/domain tests/application tests/wire/test_claims.py tests/wire/test_claims_hints.py
    tests/wire/test_rest_claims.py tests/wire/test_topics_wire.py tests/wire/test_declared.py
    tests/wire/test_declared_record.py tests/wire/test_remembered_dates.py"
root=$(cd "$(dirname "$0")/../.." && pwd)
copy=$(mktemp -d)
cp -r "$root/consent_core" "$root/pyproject.toml" "$root/tests" "$copy"
cat >>"$copy/pyproject.toml" <<CONFIG

[tool.mutmut]
source_paths = ["consent_core"]
only_mutate = ["consent_core/domain/*.py"]
pytest_add_cli_args = ["-q", "-p", "no:cacheprovider"]
pytest_add_cli_args_test_selection = [$(printf '"%s", ' $tests)]
CONFIG
cd "$copy"
echo "working in $copy"
# Every change that no test notices costs a whole run, so there are few examples of each property.
export CONSENT_CORE_HYPOTHESIS=mutation
mutmut run --max-children "$processes" >run.log 2>&1 || { tail -n 20 run.log; exit 1; }
tail -n 1 run.log | tr '\r' '\n' | tail -n 1
# mutmut tries a change in a fork of a process that has imported everything. There, a change of what runs at import, or
# of what is compiled once, goes unnoticed: so what survived is tried again in a process of its own.
mutmut results | sed -n 's/^ *\(.*\): survived$/\1/p' >survived.txt
cd mutants
# shellcheck disable=SC2086  # a list of paths
xargs -P "$processes" -I @ sh -c \
    'MUTANT_UNDER_TEST=@ python -m pytest -x -q -p no:cacheprovider '"$(echo $tests)"' >/dev/null 2>&1 && echo "@: survived"' \
    <../survived.txt || true
