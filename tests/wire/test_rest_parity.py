"""Both colours give the same answers, whatever is asked, in whatever order."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from consent_core.rest import TRUSTED, Trusted
from tests.wire.serving import BASE, BULK, Site, consent, fields, wrapped

emails = st.sampled_from(["ada@example.org", "bob@example.org", "nobody"])
states = st.sampled_from(
    ["UNKNOWN_STATE", "NEVER_CONFIRMED", "PENDING", "CONFIRMED", "REVOKED", "NONSENSE"]
)
requested: st.SearchStrategy[Any] = st.builds(
    consent, states, emails, st.none() | st.integers(900, 1100)
)
records: st.SearchStrategy[Any] = requested | st.sampled_from([{}, None])


def _one(number: int) -> str:
    return f"{BASE}/00000000-0000-0000-0000-{number:012x}"


paths = st.integers(1, 3).map(_one)
updates = records.map(
    lambda record: wrapped({k: v for k, v in (record or {}).items() if k != "details"})
)
requests = st.one_of(
    st.tuples(st.just("POST"), st.just(f"{BASE}/upsert"), records.map(wrapped) | records),
    st.tuples(
        st.just("POST"),
        st.just(BULK),
        st.lists(records, max_size=4).map(lambda info: {"info": info}),
    ),
    st.tuples(st.just("POST"), st.just(BASE), records.map(wrapped)),
    st.tuples(st.just("PATCH"), paths, updates | st.just(wrapped(fields(app={"x": 1})))),
    st.tuples(
        st.just("POST"),
        st.just(f"{BASE}/remove"),
        emails.map(lambda e: {"details": consent(email=e)["details"]}),
    ),
    st.tuples(st.sampled_from(["GET", "DELETE", "PUT"]), paths, st.none()),
    st.tuples(st.just("GET"), st.sampled_from([f"{BASE}/get-by", "/v1"]), st.none()),
    st.tuples(
        st.just("POST"),
        st.just(f"{BASE}/query"),
        st.just({"query": {"cursorPaging": {"limit": 1}}}),
    ),
)


@given(st.lists(requests, max_size=10), st.sampled_from([TRUSTED, ["app"], []]))
def test_the_colours_agree(
    sequence: list[tuple[str, str, Any]], namespaces: list[str] | Trusted
) -> None:
    """The same requests to a site of each colour.

    The same statuses, the same bodies, the same store.
    """
    red, blue = Site("sync"), Site("async")
    query = {"type": "EMAIL", "email": "ada@example.org", "linkLanguage": "de"}
    for method, path, body in sequence:
        answers = [
            site.ask(method, path, body, query=query, namespaces=namespaces) for site in (red, blue)
        ]
        assert answers[0] == answers[1]
        assert answers[0].status in {200, 400, 403, 404, 405, 409}
        red.clock.minute += 1
        blue.clock.minute += 1
    assert red.stored() == blue.stored()
