"""One upsert through the package, as a sequence diagram; each step names a function."""

from pkgutil import resolve_name
from typing import Final, NamedTuple

from tests.docs.pictures.sequence import Message, sequence


class Step(NamedTuple):
    """One call.

    Args:
        caller: the floor that calls.
        called: the floor that is called.
        function: its name below ``consent_core``, ``module:name``.
        about: what goes in and what comes out; a semicolon begins a new line.
    """

    caller: str
    called: str
    function: str
    about: str


FLOW: Final = (
    Step("adapter", "rest", "rest.handling:handle", "a Request with JSON"),
    Step(
        "rest",
        "wire",
        "wire.records:read_request",
        "from a mapping; to an Upsert, or; every violation",
    ),
    Step(
        "rest",
        "application",
        "application.use_cases:UseCases.upsert",
        "Upsert and the moment of receipt",
    ),
    Step(
        "application",
        "application",
        "application.use_cases:UseCases._change",
        "read, decide, store; again after a conflict",
    ),
    Step(
        "application", "store", "application.ports:Repository.find", "the record, if there is one"
    ),
    Step("application", "domain", "domain.decision:decide", "record, Upsert,; now, policy"),
    Step(
        "domain", "domain", "domain.validity:find_violations", "what policy and moment find wrong"
    ),
    Step(
        "domain", "domain", "domain.evidence:apply_evidence", "dates the evidence, fills the slots"
    ),
    Step(
        "domain",
        "domain",
        "domain.chart:Transition.reason_to_keep",
        "taken, or why the state is kept",
    ),
    Step(
        "application",
        "store",
        "application.ports:Repository.commit",
        "Change: record and events, or nothing",
    ),
    Step("rest", "wire", "wire.writing:to_wire", "from a record; to a JSON-ready dict"),
)
"""In the order of the calls; a test runs an upsert and holds it to this order."""

_FLOORS: Final = {
    "adapter": ("your HTTP adapter",),
    "rest": ("rest",),
    "wire": ("wire",),
    "application": ("application",),
    "domain": ("domain",),
    "store": ("your repository",),
}


def diagram() -> str:
    """The steps as SVG.

    Raises:
        AttributeError, ImportError: a step names what the code does not have.
    """
    messages = [
        Message(step.caller, step.called, (_name(step), *step.about.split("; "))) for step in FLOW
    ]
    answer = Message("rest", "adapter", ("Response", "status and body"), answer=True)
    return sequence(
        "The way of an upsert, from the request to the response.",
        _FLOORS,
        [*messages, answer],
        column=165,
    )


def _name(step: Step) -> str:
    return str(resolve_name(f"consent_core.{step.function}").__qualname__)
