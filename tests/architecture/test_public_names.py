"""The public names: sorted, complete, explained, and nothing computed on the way."""

import ast
import inspect
import re

import attrs
import pytest

import consent_core
from consent_core.domain import errors
from tests.architecture.source import MODULES, Module, imports

DESIGNED = [
    "AsyncConsentService",
    "Channel",
    "ConfirmationActivity",
    "ConfirmationSource",
    "ConsentService",
    "ConsentState",
    "Email",
    "OptInLevel",
    "Policy",
    "Query",
    "Result",
    "RevokeActivity",
    "RevokeSource",
    "Upsert",
    "as_of",
    "decide",
    "eligibility",
    "MarketingConsent",
    "Outcome",
    "Phone",
    "Update",
    "AsyncRepository",
    "Change",
    "LinkIssuer",
    "Page",
    "Repository",
    "ConsentError",
    "InvalidConsent",
    "Violation",
    "ConsentNotFound",
    "ConsentAlreadyExists",
    "PermissionDenied",
    "RepositoryError",
    "Conflict",
    "RevisionMismatch",
    "Contended",
    "Unavailable",
    "ChartError",
]
"""What callers and adapters rely on."""

INIT = next(module for module in MODULES if module.name == "consent_core")


def test_public_names_are_sorted_and_unique() -> None:
    """``__all__`` is in the order in which its names are looked for.

    Constants, classes, functions.
    """

    def order(name: str) -> tuple[int, str]:
        return (0 if name.isupper() else 1 if name[0].isupper() else 2), name

    assert list(consent_core.__all__) == sorted(set(consent_core.__all__), key=order)


@pytest.mark.parametrize("name", DESIGNED)
def test_a_designed_name_is_public(name: str) -> None:
    """What the design promises is there, by that name."""
    assert name in consent_core.__all__
    assert hasattr(consent_core, name)


def test_every_error_is_public() -> None:
    """Whatever can be raised can be caught by a public name."""
    tree = {
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, Exception)
    }
    assert tree <= set(consent_core.__all__)


def _explained(module: Module, name: str) -> bool:
    """Whether a module explains a name that it defines.

    In a docstring, or in a text right behind the assignment.
    """
    for node, following in zip(module.tree.body, [*module.tree.body[1:], None], strict=True):
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name:
            return bool(ast.get_docstring(node))
        targets = {
            target.id
            for target in ast.walk(node)
            if isinstance(target, ast.Name) and _stored(target)
        }
        if name in targets and isinstance(node, ast.Assign | ast.AnnAssign):
            return isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)
    return False


def _stored(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def _origins() -> dict[str, Module]:
    modules = {module.name: module for module in MODULES}
    return {
        alias.asname or alias.name: modules[node.module or ""]
        for node in INIT.tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


@pytest.mark.parametrize("name", consent_core.__all__)
def test_a_public_name_is_explained(name: str) -> None:
    """Each public name is explained where it is defined."""
    assert _explained(_origins()[name], name)


def test_nothing_is_computed_in_the_package() -> None:
    """The package's own module has a docstring, imports and ``__all__``, and every import is one of
    its names.
    """
    docstring, *rest = INIT.tree.body
    assert isinstance(docstring, ast.Expr)
    assert all(isinstance(node, ast.ImportFrom) for node in rest[:-1])
    assert isinstance(rest[-1], ast.Assign)
    assert set(_origins()) == set(consent_core.__all__)
    assert all(name.startswith("consent_core.") for name in imports(INIT))


def test_public_classes_explain_their_arguments() -> None:
    """A class that takes arguments names each of them in its docstring."""
    silent = {}
    for name in consent_core.__all__:
        value = getattr(consent_core, name)
        if not inspect.isclass(value) or not attrs.has(value):
            continue
        told = set(re.findall(r"^\s+(\w+): ", inspect.getdoc(value) or "", re.MULTILINE))
        told |= {
            word
            for base in value.__mro__[1:-1]
            for word in re.findall(r"(\w+): ", base.__doc__ or "")
        }
        missing = {
            field.name
            for field in attrs.fields(value)
            if field.init and not field.name.startswith("_")
        }
        if missing - told - {"address"}:
            silent[name] = missing - told
    assert silent == {}
