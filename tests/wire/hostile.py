"""Any JSON value at all, biased towards the fields, words, addresses and numbers that a reader
knows.
"""

import json
from typing import Any, Final

from hypothesis import strategies as st

from consent_core.domain.errors import ConsentError
from consent_core.wire import error_body

SECRETS: Final = (
    "grace.hopper@navy.mil",
    "jürgen@bücher.example",
    "alan.turing+consents@king-s-college.cambridge.example",
    "alan(turing):x@example.com",
    "Dennis Ritchie <dmr@bell-labs.com>",
    "linus@torvalds",
    "+491701234567",
    "+49 170 9876543",
    "00491701234567",
    "+1 (617) 253-7001",
    "+99912345678901",
    "6172537001",
)
"""Addresses and numbers as people send them, sound and faulty.

None is an example in a message of this library.
"""

FIELDS: Final = (
    "marketingConsent",
    "marketing_consent",
    "id",
    "_id",
    "revision",
    "details",
    "type",
    "email",
    "phone",
    "state",
    "createdDate",
    "_createdDate",
    "created_date",
    "updatedDate",
    "_updatedDate",
    "updated_date",
    "lastConfirmationActivity",
    "last_confirmation_activity",
    "lastRevokeActivity",
    "last_revoke_activity",
    "source",
    "description",
    "optInLevel",
    "opt_in_level",
    "extendedFields",
    "extended_fields",
    "namespaces",
)
WORDS: Final = (
    "EMAIL",
    "PHONE",
    "UNKNOWN_TYPE",
    "UNKNOWN_STATE",
    "NEVER_CONFIRMED",
    "PENDING",
    "CONFIRMED",
    "REVOKED",
    "FORM",
    "LINK_CONFIRMATION",
    "REVOKE_LINK",
    "SINGLE_CONFIRMATION",
    "DOUBLE_CONFIRMATION",
    "2024-01-01T00:00:00Z",
    "2999-01-01T00:00:00+01:00",
    "2024-01-01T00:00:00",
    "CONFIRMD",
    "6f1c2f0e-6b5c-4a52-9b7f-0d3a3f6f0c11",
    "1",
)

secrets = st.sampled_from(SECRETS) | st.sampled_from(SECRETS).map(lambda text: f" {text}\t")
texts = (
    st.sampled_from(WORDS)
    | secrets
    | st.text(st.characters(), max_size=30)
    | st.sampled_from(["\0", "\ud800", ""])
)
numbers = st.integers() | st.sampled_from([2**63, 10**4000, -(10**4200)]) | st.floats()
keys: st.SearchStrategy[Any] = (
    st.sampled_from(FIELDS) | texts | st.sampled_from([None, 1, 1.5, True, ("a",), b"x"])
)
scalars = st.none() | st.booleans() | numbers | texts

anything: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=6),
    max_leaves=25,
)


def some(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """Objects with some of these fields, each as it should be or not, and with some others."""
    parts = {name: value | anything for name, value in fields.items()}
    return st.tuples(
        st.fixed_dictionaries({}, optional=parts), st.dictionaries(keys, anything, max_size=1)
    ).map(lambda pair: pair[0] | pair[1])


activities = some(
    {
        "source": texts,
        "description": texts,
        "updatedDate": texts,
        "updated_date": texts,
        "optInLevel": texts,
    }
)
details = some({"type": st.sampled_from(["EMAIL", "PHONE"]), "email": secrets, "phone": secrets})
requests = some(
    {
        "details": details,
        "state": texts,
        "id": texts,
        "revision": texts,
        "createdDate": texts,
        "lastConfirmationActivity": activities,
        "last_revoke_activity": activities,
        "extendedFields": some({"namespaces": anything}),
    }
)
bodies = requests | requests.map(lambda request: {"marketingConsent": request}) | anything


def nested(levels: int, *, lists: bool) -> Any:
    """A value so deep that nothing recursive survives it."""
    value: Any = SECRETS[0]
    for _ in range(levels):
        value = [value] if lists else {"details": value}
    return value


def said_by(error: ConsentError) -> str:
    """Everything that an error says, to a log or to a caller."""
    body = error_body(error)
    return "\n".join(
        [str(error), repr(error), repr(error.args), json.dumps(body, ensure_ascii=False)]
    )


def leaks(text: str) -> list[str]:
    """The addresses and numbers that a text gives away, in whatever case or with whatever
    separators.
    """
    folded, digits = text.casefold(), "".join(filter(str.isdigit, text))
    found = []
    for secret in SECRETS:
        number = "".join(filter(str.isdigit, secret))
        if (len(number) > 8 and number in digits) or secret.casefold() in folded:
            found.append(secret)
    return found
