"""The adapter is an extra: without it, the error names what to install."""

import importlib
import sys

import pytest


def test_without_sqlalchemy_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the package is imported anew and SQLAlchemy is not there."""
    for name in [
        name for name in sys.modules if name.startswith("consent_core.adapters.sqlalchemy")
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(
        ModuleNotFoundError, match=r"needs sqlalchemy: pip install 'consent_core\[sqlalchemy\]'"
    ):
        importlib.import_module("consent_core.adapters.sqlalchemy")
