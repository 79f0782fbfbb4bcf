"""The way of one upsert through the house, as a sequence diagram whose every step names a function."""

from pkgutil import resolve_name
from typing import Final, NamedTuple


class Step(NamedTuple):
    """One call.

    Args:
        caller: the floor that calls.
        called: the floor that is called.
        function: its name below ``consent_core``, ``module:name``.
        about: what goes in and what comes out.
    """

    caller: str
    called: str
    function: str
    about: str


FLOW: Final = (
    Step("adapter", "rest", "rest.handling:handle", "Request with the parsed JSON"),
    Step("wire", "wire", "wire.records:read_request", "untrusted mapping to Upsert, or every violation"),
    Step("wire", "application", "application.use_cases:UseCases.upsert", "Upsert and the moment of receipt"),
    Step("application", "application", "application.plans:settle", "read, judge, store"),
    Step("application", "store", "application.ports:Repository.find", "the record, if there is one"),
    Step("application", "domain", "domain.decision:decide", "record, Upsert, now and policy to Decision"),
    Step("domain", "domain", "domain.validity:find_violations", "what policy and moment find wrong"),
    Step("domain", "domain", "domain.evidence:weigh", "dates the evidence, fills the slots"),
    Step("domain", "domain", "domain.chart:Arrow.refusal", "taken, or the reason why the state is kept"),
    Step("application", "store", "application.ports:Repository.commit", "Change with record and events, or nothing"),
    Step("wire", "wire", "wire.writing:to_wire", "record to JSON-ready dict"),
)
"""In the order of the calls; a test runs an upsert and holds it to this order."""

_FLOORS: Final = {
    "adapter": "your HTTP adapter",
    "wire": "wire",
    "application": "application",
    "domain": "domain",
    "store": "your repository",
}


def diagram() -> str:
    """The steps as a Mermaid diagram.

    Raises:
        AttributeError, ImportError: a step names what the code does not have.
    """
    lines = ["sequenceDiagram", *(f"    participant {name} as {label}" for name, label in _FLOORS.items())]
    for step in FLOW:
        name = resolve_name(f"consent_core.{step.function}").__qualname__
        lines.append(f"    {step.caller}->>{step.called}: {name}<br>{step.about}")
    lines.append("    wire-->>adapter: Response with status and body")
    return "```mermaid\n" + "\n".join(lines) + "\n```\n"
