"""The presets of claims, as the code declares them."""

from collections.abc import Callable
from typing import Any, Final

from attrs import fields

from consent_core import Claims
from tests.docs.reference.tables import code, codes, table

_PRESETS: Final = {
    "sign_up_form": Claims.sign_up_form(),
    "single_opt_in_form": Claims.single_opt_in_form(),
    "preference_page": Claims.preference_page(),
}


def _claims() -> str:
    rows = [
        (code(field.name), *(_shown(getattr(claims, field.name)) for claims in _PRESETS.values()))
        for field in fields(Claims)
    ]
    return table(("limit", *map(code, _PRESETS)), rows)


def _shown(limit: Any) -> str:
    if isinstance(limit, bool):
        return "yes" if limit else "no"
    return codes(sorted(limit)) or "none"


CLAIMS: Final[dict[str, Callable[[], str]]] = {"claims": _claims}
"""The tables of the page on input from the public, by name."""
