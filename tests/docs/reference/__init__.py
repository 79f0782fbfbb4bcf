"""Makes the reference from the code."""

from collections.abc import Callable
from typing import Final

from tests.docs.reference.api import API
from tests.docs.reference.clauses import PORT
from tests.docs.reference.command_line import COMMAND_LINE
from tests.docs.reference.eligibility import ELIGIBILITY
from tests.docs.reference.errors import ERROR_PARTS
from tests.docs.reference.limits import LIMITS
from tests.docs.reference.policy import POLICY
from tests.docs.reference.where import PLACES
from tests.docs.reference.wire import WIRE

REFERENCE: Final[dict[str, Callable[[], str]]] = {
    **API,
    **COMMAND_LINE,
    **POLICY,
    **ELIGIBILITY,
    **LIMITS,
    **ERROR_PARTS,
    **PORT,
    **WIRE,
    **PLACES,
}
"""The generated parts of the reference, by name."""
