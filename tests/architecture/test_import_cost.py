"""What ``import consent_core`` does not load.

Data that is not needed yet, and the libraries of the extras.
"""

import json
import subprocess
import sys

from tests.architecture.source import ROOT

EXTRAS = {
    "sqlalchemy",
    "itsdangerous",
    "tqdm",
    "hypothesis",
    "pytest",
    "cattrs",
    "fastapi",
    "pydantic",
    "aiosqlite",
    "psycopg",
}


def _loaded(program: str) -> list[str]:
    done = subprocess.run(  # noqa: S603  # this interpreter, with a program of these tests
        [
            sys.executable,
            "-c",
            f"{program}; import json, sys; print(json.dumps(list(sys.modules)))",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    modules: list[str] = json.loads(done.stdout)
    return modules


def _regions(modules: list[str]) -> list[str]:
    return [name for name in modules if name.startswith("phonenumbers.data.region_")]


def test_no_region_of_the_phone_data_is_loaded_before_it_is_needed() -> None:
    """The numbering plan of a country stays on disk until one of its numbers is read."""
    assert _regions(_loaded("import consent_core")) == []
    needed = _regions(_loaded("import consent_core; consent_core.Phone('+12025550172')"))
    assert "phonenumbers.data.region_US" in needed
    assert len(needed) < 40


def test_the_libraries_of_identifiers_are_loaded_with_the_first_that_is_read() -> None:
    """What is read from a store was judged before, and needs neither of them."""
    restored = "import consent_core as cc; cc.Email.restore('a@b.de'); cc.Phone.restore('+49301')"
    assert not {"email_validator", "phonenumbers"} & set(_loaded(restored))
    address, number = (
        _loaded(f"{restored}; cc.Email('a@b.de')"),
        _loaded(f"{restored}; cc.Phone('+12025550172')"),
    )
    assert "email_validator" in address
    assert "phonenumbers" not in address
    assert "phonenumbers" in number
    assert "email_validator" not in number


def test_extras_are_not_loaded() -> None:
    """The package works with its own requirements alone."""
    assert {name.partition(".")[0] for name in _loaded("import consent_core")} & EXTRAS == set()
