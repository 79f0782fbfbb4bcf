"""Where each section of the contract is in the code."""

import re
from collections.abc import Callable
from pkgutil import resolve_name
from typing import Final

from tests.docs.markdown import ROOT
from tests.docs.reference.source import definitions, source, values
from tests.docs.reference.tables import code, table

WHERE: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "1": (
        ("a record and a link", "domain.records:MarketingConsent"),
        ("the activities, which are the evidence", "domain.activities:ConfirmationActivity"),
        ("the words of every enum", "domain.vocabulary:ConsentState"),
        ("the three spellings of a field", "wire.spelling:spellings"),
    ),
    "2": (
        ("the nine routes, with scopes", "rest.routes:Operation"),
        ("a request to a response", "rest.handling:handle"),
        ("update and mask", "rest.updates:read_update"),
        ("filters and paging", "rest.queries:read_query"),
        ("cursors", "rest.cursors:cursor_of"),
        ("error bodies", "wire.errors:error_body"),
        ("the same errors as FastAPI's own", "fastapi:add_exception_handlers"),
        ("events", "domain.events:ConsentEvent"),
        ("the same operations in Python", "application.service:ConsentService"),
        ("the records in Django's admin", "adapters.django.admin:RecordAdmin"),
    ),
    "3": (
        ("reading with all violations", "wire.records:read_upsert"),
        ("rules 1 and 4-6: what every request must have", "domain.activities:evidence_problems"),
        ("rules 2 and 3: addresses and numbers", "domain.identifiers:Email"),
        ("rules 2 and 3 in forms of Django", "adapters.django.identifiers:read_identifier"),
        (
            "rules 3, 5, 7 and 9: what depends on policy and moment",
            "domain.validity:find_violations",
        ),
        ("rule 8: the nearest known word", "domain.checks:nearest"),
        ("rule 9: extended fields", "domain.extended_fields:ExtendedFields"),
        ("rule 9: bounds of filters", "rest.bounds:too_much"),
    ),
    "4": (("a record and a request to what becomes of the record", "domain.decision:decide"),),
    "4.1": (
        ("the key of an address", "domain.identifiers:address_key"),
        ("the key beside an address in Django", "adapters.django.keys:IdentifierKeyField"),
        ("read, decide, store, and again after a conflict", "application.use_cases:UseCases"),
        ("stored by SQLAlchemy", "adapters.sqlalchemy.repository:SqlAlchemyRepository"),
        ("stored by Django", "adapters.django.repository:DjangoRepository"),
    ),
    "4.2": (
        ("evidence moves the state and fills the slots", "domain.evidence:apply_evidence"),
        ("the date that evidence counts at", "domain.evidence_dates:date_confirmation"),
        ("what beats what: the guards", "domain.guards:Facts"),
        ("undated requests that are dated by the caller", "domain.requests:Upsert.dated_at"),
    ),
    "4.3": (
        ("the table as a chart", "domain.lifecycle:Lifecycle"),
        ("the chart as a lookup", "domain.lifecycle:LIFECYCLE"),
        ("why a state was kept", "domain.lifecycle:REASONS"),
    ),
    "4.4": (
        ("the law of replaying", "domain.events:replay"),
        ("no state without its evidence", "domain.records:MarketingConsent"),
    ),
    "4.5": (
        ("the direct way back", "domain.guards:direct_reconsent"),
        ("the way through a question", "domain.guards:answers_question"),
    ),
    "4.6": (
        ("remove", "application.use_cases:UseCases.remove"),
        ("over REST, without an activity", "rest.operations:remove"),
    ),
    "4.7": (("merging", "domain.extended_fields:ExtendedFields.merged_with"),),
    "5": (
        ("the table of reasons", "domain.reasons:RULES"),
        ("one record", "domain.eligibility:eligibility"),
        ("everybody who may be contacted", "domain.eligibility:audience"),
        ("their addresses alone", "application.short_calls:ShortCalls.addresses"),
        ("the same as SQL text for a warehouse", "adapters.sqlalchemy.warehouse:audience_sql"),
        (
            "the same as rows of a Django project",
            "adapters.django.keys:IdentifierQuerySet.may_be_contacted",
        ),
    ),
    "6": (
        ("which link an outcome has", "application.linking:with_link"),
        ("signed tokens", "links:SignedLinks"),
        ("redeeming", "application.use_cases:UseCases.redeem"),
        ("what a redeemed confirmation does", "domain.decision:confirm_by_link"),
        ("whether a link is honoured", "application.redeeming:still_honoured"),
        ("one-click unsubscribe", "application.use_cases:UseCases.redeem_one_click"),
        ("the language of a link", "domain.language:check_language"),
        ("the pages in Django", "adapters.django.views:LinkView"),
    ),
    "7": (
        ("who acted, by source", "domain.activities:CONFIRMATION_ACTORS"),
        ("who revoked, by source", "domain.activities:REVOCATION_ACTORS"),
        ("the person's two dates", "domain.evidence:ConsentStatus"),
        ("rules 1 and 2: whether a record is held", "domain.guards:not_held"),
        ("rule 3: who may ask again", "domain.guards:not_held_or_may_be_asked_for"),
        ("rule 4: what a revocation is compared with", "domain.guards:takes_confirmation_back"),
        ("rule 5: what an answer releases", "domain.guards:clearly_after_revocation_with_slot"),
    ),
    "8": (
        ("choices, and what a record remembers", "domain.topics:TopicEvidence"),
        ("the date that a choice counts at", "domain.topic_choices:topics_after"),
        ("what a link joins", "domain.topic_choices:topics_joined"),
        ("which choices are wrong", "domain.validity:topic_violations"),
        ("which topics are asked about", "domain.topic_questions:asked_topics"),
        ("which topics a person wants", "domain.topic_questions:wanted_topics"),
        ("the two reasons", "domain.reasons:RULES"),
        ("the links of topics", "application.linking:revocation_link"),
        ("the page to choose topics in Django", "adapters.django.topics:choose"),
        ("topics on the wire", "wire.topics:by_topic"),
    ),
    "9": (
        ("the table", "domain.delivery:TABLE"),
        ("what a code means", "domain.delivery:CODES"),
        ("one report", "domain.reports:decide_report"),
        ("many reports", "application.reporting:report_all"),
        ("reading a report", "wire.reports:read_report"),
    ),
    "10": (
        ("a tombstone and what it is found by", "domain.tombstones:Tombstone"),
        ("digests, and the number of a secret", "domain.tombstones:TombstoneKeys"),
        ("what an erasure leaves", "domain.tombstones:tombstone_of"),
        ("a request that meets a tombstone", "domain.decision:decide"),
        ("erasing", "application.erasing:erase_record"),
        ("what a creation insists on", "application.lookups:LookUp.changes"),
    ),
    "12": (
        ("the limits and the presets", "domain.claims:Claims"),
        ("what the application says beside the body", "wire.claims:Provided"),
        ("reading with claims", "wire.records:read_request"),
        ("the routes for the public", "rest.claimed:answer_claimed"),
        ("the same in a pydantic model", "pydantic:Limits"),
    ),
    "13": (
        ("choices by channel", "domain.policy:Policy.on"),
        ("own reasons", "domain.rules:Rule"),
        ("their conditions", "domain.conditions:Condition"),
        ("an index for them", "adapters.sqlalchemy.indexes:extended_field_index"),
        ("lifetimes in calendar months", "domain.lifetimes:end_of"),
    ),
}
"""By section: what is looked for, and ``module:name`` below ``consent_core``."""

_HEADING: Final = re.compile(r"^#{2,3} (?P<number>\d+(?:\.\d+)?)\.? (?P<title>.+)$", re.MULTILINE)


def headings() -> dict[str, str]:
    """The numbered sections of the contract with their titles."""
    text = (ROOT / "docs" / "reference" / "contract.md").read_text("utf-8")
    return {match["number"]: match["title"] for match in _HEADING.finditer(text)}


def _where() -> str:
    rows = []
    for number, title in headings().items():
        anchor = re.sub(r"[^\w\- ]", "", f"{number} {title}".lower().replace("**", "")).replace(
            " ", "-"
        )
        for row, (what, place) in enumerate(WHERE[number]):
            shown = f"[{number} {_plain(title)}](contract.md#{anchor})" if row == 0 else ""
            rows.append((shown, what, code(place.partition(":")[2]), _file(place)))
    return table(("section", "what", "name", "file in `consent_core`"), rows)


def _plain(title: str) -> str:
    """A title without its mark and what stands in brackets."""
    return re.sub(r" \(.*?\)| \*\*\[.*?\]\*\*", "", title)


def _file(place: str) -> str:
    """The file that defines a name.

    Raises:
        AttributeError, ImportError: the code has no such name.
        ValueError: the module imports the name from elsewhere.
    """
    module, _, name = place.partition(":")
    resolve_name(f"consent_core.{place}")
    body = source(f"consent_core.{module}").tree.body
    if name.partition(".")[0] not in definitions(body) | values(body):
        raise ValueError(f"{module} imports {name}, and does not define it")
    return code(f"{module.replace('.', '/')}.py")


PLACES: Final[dict[str, Callable[[], str]]] = {"where-is-what": _where}
"""The parts of the page "Where is what", by name."""
