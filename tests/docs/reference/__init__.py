"""Makes the reference from the code."""

from collections.abc import Callable
from typing import Final

from tests.docs.reference.api import API
from tests.docs.reference.clauses import PORT
from tests.docs.reference.command_line import COMMAND_LINE
from tests.docs.reference.errors import ERROR_PARTS
from tests.docs.reference.limits import LIMITS
from tests.docs.reference.policy import POLICY
from tests.docs.reference.wire import WIRE

REFERENCE: Final[dict[str, Callable[[], str]]] = {
    **API,
    **COMMAND_LINE,
    **POLICY,
    **LIMITS,
    **ERROR_PARTS,
    **PORT,
    **WIRE,
}
"""The generated parts of the reference, by name."""
