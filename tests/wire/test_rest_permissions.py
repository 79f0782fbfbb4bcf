"""Who may do what, and who sees which extended fields (contract, section 2)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_core.rest import TRUSTED, Request, Trusted
from tests.wire.serving import BASE, BULK, Body, Site, consent, fields, refusal, wrapped

READ = "SCOPE.DC-MARKETING.CONSENT-READ"
MANAGE = "SCOPE.DC-MARKETING.CONSENT-MANAGE"

DETAILS = consent()["details"]
CALLS: dict[str, tuple[str, str, Any, bool]] = {
    "upsert": ("POST", f"{BASE}/upsert", consent(), False),
    "bulk": ("POST", BULK, {"info": [consent()]}, False),
    "create": ("POST", BASE, consent(email="new@example.org"), False),
    "update": ("PATCH", "", wrapped({}), False),
    "remove": ("POST", f"{BASE}/remove", {"details": DETAILS}, False),
    "delete": ("DELETE", "", None, False),
    "get": ("GET", "", None, True),
    "get-by": ("GET", f"{BASE}/get-by", None, True),
    "query": ("POST", f"{BASE}/query", {}, True),
}
SCOPES: list[tuple[list[str] | Trusted | None, bool, bool]] = [
    (TRUSTED, True, True),
    (None, False, False),
    ([MANAGE], True, True),
    ([READ], True, False),
    ([READ, MANAGE, "OTHER"], True, True),
    ([], False, False),
    (["OTHER"], False, False),
    ([READ.lower(), MANAGE + " "], False, False),
]


@pytest.mark.parametrize(("scopes", "reads", "manages"), SCOPES)
@pytest.mark.parametrize("call", CALLS)
def test_scopes(
    colour: str, call: str, scopes: list[str] | Trusted | None, reads: bool, manages: bool
) -> None:
    """Reading needs READ, everything else MANAGE, which includes READ.

    Without any, nothing is done or changed.
    """
    site = Site(colour)
    made = site.ok("POST", f"{BASE}/upsert", consent(minute=5))["marketingConsent"]
    method, path, body, only_reads = CALLS[call]
    query = {"type": "EMAIL", "email": "ada@example.org"}
    response = site.ask(method, path or f"{BASE}/{made['id']}", body, query=query, scopes=scopes)
    if reads if only_reads else manages:
        assert response.status == 200, response.body
    else:
        assert refusal(response) == (403, "PERMISSION_DENIED")
        assert (READ if only_reads else MANAGE) in response.body["message"]
        assert site.stored() == [made]


@pytest.mark.parametrize("call", ["update", "delete", "get"])
def test_a_missing_permission_tells_nothing(site: Site, call: str) -> None:
    """Whether a consent exists, or a body is valid, is not told to somebody who may not know."""
    method, _, _, _ = CALLS[call]
    for path in (f"{BASE}/00000000-0000-0000-0000-000000000009", f"{BASE}/nonsense"):
        assert refusal(site.ask(method, path, "nonsense", scopes=[])) == (403, "PERMISSION_DENIED")


@pytest.mark.parametrize("call", CALLS)
def test_whoever_leaves_the_scopes_out_may_do_nothing(site: Site, call: str) -> None:
    """An adapter that forgets to ask who calls is answered 403, not obeyed."""
    made = site.ok("POST", f"{BASE}/upsert", consent(minute=5))["marketingConsent"]
    method, path, body, _ = CALLS[call]
    request = Request(
        method, path or f"{BASE}/{made['id']}", {"type": "EMAIL", "email": "ada@example.org"}, body
    )
    assert refusal(site.answer(request)) == (403, "PERMISSION_DENIED")
    assert site.stored() == [made]


def test_whoever_leaves_the_namespaces_out_has_none(site: Site) -> None:
    """Extended fields are there "only for the namespaces a caller may access".

    Scopes open none, trust opens all.
    """
    record = consent() | fields(app={"x": 1})
    request = Request("POST", f"{BASE}/upsert", body=record, scopes=[MANAGE])
    assert refusal(site.answer(request)) == (403, "PERMISSION_DENIED")
    assert site.stored() == []

    trusted = site.answer(Request("POST", f"{BASE}/upsert", body=record, scopes=TRUSTED))
    assert trusted.body["marketingConsent"]["extendedFields"] == {"namespaces": {"app": {"x": 1}}}
    path = f"{BASE}/{trusted.body['marketingConsent']['id']}"
    assert (
        "extendedFields"
        not in site.answer(Request("GET", path, scopes=[READ])).body["marketingConsent"]
    )
    for namespaces in (["app"], TRUSTED):
        read = site.answer(Request("GET", path, scopes=[READ], namespaces=namespaces)).body[
            "marketingConsent"
        ]
        assert read["extendedFields"] == {"namespaces": {"app": {"x": 1}}}


def test_a_trusted_caller_may_still_be_kept_to_some_namespaces(site: Site) -> None:
    """Namespaces that are given count, whoever calls."""
    site.ok("POST", f"{BASE}/upsert", consent() | fields(app={"x": 1}, shop={"y": 2}))
    request = Request("POST", f"{BASE}/query", body={}, scopes=TRUSTED, namespaces=["shop"])
    (read,) = site.answer(request).body["marketingConsent"]
    assert read["extendedFields"] == {"namespaces": {"shop": {"y": 2}}}


FOREIGN: list[Body] = [
    {"other": {"x": 1}},
    {"other": {"x": None}},
    {"own": {"x": 1}, "other": {"y": 2}},
]


@pytest.mark.parametrize("namespaces", FOREIGN)
@pytest.mark.parametrize("call", ["upsert", "create", "update"])
def test_a_foreign_namespace_is_not_written(site: Site, call: str, namespaces: Body) -> None:
    """It is 403 and nothing is stored, not even one's own part.

    Removing a field is writing, too.
    """
    made = site.ok("POST", f"{BASE}/upsert", consent(minute=5) | fields(other={"x": 5}))[
        "marketingConsent"
    ]
    method, path, _, _ = CALLS[call]
    body = wrapped(
        fields(**namespaces) | ({} if call == "update" else consent(email=f"{call}@example.org"))
    )
    response = site.ask(method, path or f"{BASE}/{made['id']}", body, namespaces=["own"])
    assert refusal(response) == (403, "PERMISSION_DENIED")
    assert site.stored() == [made]


def test_a_foreign_namespace_in_a_bulk(site: Site) -> None:
    """That item is its own error; the others are stored."""
    info = [
        consent() | fields(other={"x": 1}),
        consent(email="bob@example.org") | fields(own={"x": 1}),
    ]
    answer = site.ok("POST", BULK, {"info": info}, namespaces=["own"])
    assert answer["metadata"] == {"totalSuccess": 1, "totalFailure": 1}
    error = answer["results"][0]["error"]["details"]["applicationError"]
    assert error["code"] == "PERMISSION_DENIED"
    assert [record["details"]["email"] for record in site.stored()] == ["bob@example.org"]


def test_a_mask_may_leave_a_foreign_namespace_out(site: Site) -> None:
    """What the mask does not name is not written, so sending it is no offence."""
    made = site.ok("POST", f"{BASE}/upsert", consent() | fields(other={"x": 5}))["marketingConsent"]
    body = wrapped(fields(own={"x": 1}, other={"x": 9})) | {"mask": "extendedFields.namespaces.own"}
    answer = site.ok("PATCH", f"{BASE}/{made['id']}", body, namespaces=["own"])
    assert answer["marketingConsent"]["extendedFields"] == {"namespaces": {"own": {"x": 1}}}
    assert site.stored()[0]["extendedFields"]["namespaces"]["other"] == {"x": 5}


def test_no_namespaces_at_all(site: Site) -> None:
    """A caller of none sees no extended fields, and may do everything else."""
    site.ok("POST", f"{BASE}/upsert", consent() | fields(other={"x": 5}))
    answer = site.ok("POST", f"{BASE}/upsert", consent(minute=1000), namespaces=[])
    assert "extendedFields" not in answer["marketingConsent"]
    assert site.stored()[0]["extendedFields"] == {"namespaces": {"other": {"x": 5}}}


writes = st.tuples(
    st.sampled_from(["red", "blue"]),
    st.sampled_from(["upsert", "bulk", "create", "update", "masked", "remove", "send back"]),
    st.dictionaries(
        st.sampled_from("xy"),
        st.none() | st.integers(0, 3) | st.just({"red": {"x": 1}}),
        max_size=2,
    ),
    st.sampled_from(["ada@example.org", "bob@example.org"]),
    st.sampled_from(["NEVER_CONFIRMED", "CONFIRMED", "REVOKED"]),
)


def write(site: Site, app: str, kind: str, own: Body, email: str, state: str) -> Body:
    """One writing operation of an app; the body of its answer."""
    body = consent(state, email) | fields(**{app: own})
    path = next(
        (f"{BASE}/{r['id']}" for r in site.stored() if r["details"]["email"] == email),
        f"{BASE}/{'0' * 8}",
    )
    calls: dict[str, tuple[str, str, Any]] = {
        "upsert": ("POST", f"{BASE}/upsert", wrapped(body)),
        "bulk": ("POST", BULK, {"info": [body]}),
        "create": ("POST", BASE, wrapped(consent("CONFIRMED", email) | fields(**{app: own}))),
        "update": ("PATCH", path, wrapped(body)),
        "masked": ("PATCH", path, wrapped(body) | {"mask": f"extendedFields.namespaces.{app}"}),
        "remove": ("POST", f"{BASE}/remove", {"details": body["details"]}),
        "send back": ("GET", path, None),
    }
    answer = site.ask(*calls[kind], namespaces=[app]).body
    if kind == "send back" and "marketingConsent" in answer:
        answer = site.ok("POST", f"{BASE}/upsert", answer, namespaces=[app])
    return answer


def held(site: Site, namespace: str) -> dict[str, Body]:
    """What is stored in a namespace, by address."""
    return {
        record["details"]["email"]: record["extendedFields"]["namespaces"][namespace]
        for record in site.stored()
        if namespace in record.get("extendedFields", {"namespaces": {}})["namespaces"]
    }


@given(st.lists(writes, max_size=12))
def test_two_apps_never_touch_each_other(steps: list[Any]) -> None:
    """Over any interleaving of writes, nobody reads or loses a field of the other, and each reads
    all of its own.
    """
    site = Site()
    model: dict[str, dict[str, Body]] = {"red": {}, "blue": {}}
    for app, kind, own, email, state in steps:
        other = "blue" if app == "red" else "red"
        before = held(site, other)
        answer = write(site, app, kind, own, email, state)
        assert held(site, other) == before
        records = [
            answer.get("marketingConsent"),
            *(r.get("marketingConsent") for r in answer.get("results", [])),
        ]
        for record in filter(None, records):
            seen = record.get("extendedFields", {"namespaces": {}})["namespaces"]
            assert set(seen) <= {app}
            if kind not in ("remove", "send back"):
                merged = model[app].get(email, {}) | own
                model[app][email] = {
                    name: value for name, value in merged.items() if value is not None
                }
                assert seen.get(app, {}) == model[app][email]
    for app, people in model.items():
        assert held(site, app) == {email: inside for email, inside in people.items() if inside}
        query = {"type": "EMAIL", "email": "ada@example.org"}
        found = site.ok("GET", f"{BASE}/get-by", query=query, namespaces=[app]).get(
            "marketingConsent", {}
        )
        assert set(found.get("extendedFields", {"namespaces": {}})["namespaces"]) <= {app}
        for record in site.ok("POST", f"{BASE}/query", {}, namespaces=[app])["marketingConsent"]:
            assert set(record.get("extendedFields", {"namespaces": {}})["namespaces"]) <= {app}
