"""The nine operations on both prefixes.

What each answers, and that every success is 200 (contract, section 2).
"""

import pickle

import pytest

from consent_core import Policy, Unavailable
from consent_core.domain.errors import Conflict
from consent_core.rest import TRUSTED, Request
from tests.application.support import Broken
from tests.wire.serving import (
    BASE,
    BULK,
    NOBODY,
    Site,
    consent,
    fields,
    refusal,
    violations,
    wrapped,
)

ROUTES = {
    "upsert": ("POST", f"{BASE}/upsert"),
    "bulk": ("POST", BULK),
    "create": ("POST", BASE),
    "update": ("PATCH", NOBODY),
    "remove": ("POST", f"{BASE}/remove"),
    "delete": ("DELETE", NOBODY),
    "get": ("GET", NOBODY),
    "get-by": ("GET", f"{BASE}/get-by"),
    "query": ("POST", f"{BASE}/query"),
}


@pytest.mark.parametrize("prefix", ["", "/marketing-consent"])
def test_the_life_of_a_consent(site: Site, prefix: str) -> None:
    """Each operation on each prefix answers 200 with exactly the documented keys."""
    base = prefix + BASE
    created = site.ok("POST", base, wrapped(consent()))
    assert set(created) == {"marketingConsent", "link"}
    one = f"{base}/{created['marketingConsent']['id']}"
    assert site.ok("GET", one) == {"marketingConsent": created["marketingConsent"]}
    updated = site.ok("PATCH", one, wrapped(fields(app={"x": 1})))
    assert updated["marketingConsent"]["revision"] == "2"
    assert set(updated) == {"marketingConsent", "link"}
    removed = site.ok("POST", f"{base}/remove", {"details": consent()["details"]})
    assert removed["marketingConsent"]["state"] == "REVOKED"
    assert set(removed) == {"marketingConsent"}
    upserted = site.ok("POST", f"{base}/upsert", wrapped(consent(minute=999)))
    assert upserted == removed, "an older confirmation is kept back, without a link"
    bulk = site.ok("POST", prefix + BULK, {"info": [consent("PENDING", "bob@example.org")]})
    assert bulk["metadata"] == {"totalSuccess": 1, "totalFailure": 0}
    assert bulk["results"][0]["originalIndex"] == 0
    assert set(bulk["results"][0]) == {"originalIndex", "marketingConsent", "link"}
    found = site.ok("GET", f"{base}/get-by", query={"type": "EMAIL", "email": " ADA@example.org"})
    assert found["marketingConsent"] == removed["marketingConsent"]
    listed = site.ok("POST", f"{base}/query", {"query": {}})
    assert set(listed) == {"marketingConsent", "pagingMetadata"}
    assert listed["pagingMetadata"] == {
        "count": 2,
        "cursors": {"next": None, "prev": None},
        "hasNext": False,
    }
    assert site.ok("DELETE", one) == {}
    assert [record["details"]["email"] for record in site.stored()] == ["bob@example.org"]


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/v1",
        "/marketing-consent",
        "/v2/marketing-consent",
        f"{BASE}/",
        f"{BASE}/a/b",
        f"{BULK}/",
        f"/marketing-consent/marketing-consent{BASE}",
        f"/x{BASE}",
        f"{BASE}s",
    ],
)
def test_an_unknown_path_is_not_found(site: Site, path: str) -> None:
    """Nothing but the documented paths answers."""
    assert refusal(site.ask("POST", path, {})) == (404, "NOT_FOUND")


@pytest.mark.parametrize("prefix", ["", "/marketing-consent"])
@pytest.mark.parametrize(
    "method", ["GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS", "post"]
)
@pytest.mark.parametrize("path", sorted({path for _, path in ROUTES.values()}))
def test_another_method_is_not_allowed(prefix: str, method: str, path: str) -> None:
    """A known path with another method is 405 and names the methods that it takes."""
    allowed = {known for known, route in ROUTES.values() if route == path}
    response = Site().ask(method, prefix + path, {})
    assert (response.status == 405) is (method not in allowed)
    if response.status == 405:
        assert refusal(response) == (405, "METHOD_NOT_ALLOWED")
        assert set(response.headers["Allow"].split(", ")) == set(allowed)
        assert all(known in response.body["message"] for known in allowed)


@pytest.mark.parametrize(
    ("method", "body"), [("GET", None), ("DELETE", None), ("PATCH", wrapped({}))]
)
def test_an_id_without_a_consent(site: Site, method: str, body: object) -> None:
    """An id that no consent has is NOT_FOUND."""
    assert refusal(site.ask(method, NOBODY, body)) == (404, "NOT_FOUND")


@pytest.mark.parametrize("method", ["GET", "DELETE", "PATCH"])
@pytest.mark.parametrize("bad", ["1", "00000000000000000000000000000001", "%20", "é", "\n"])
def test_an_id_that_is_none(site: Site, method: str, bad: str) -> None:
    """What is no GUID is a violation of the id."""
    assert violations(site.ask(method, f"{BASE}/{bad}", wrapped({}))) == {("id", "INVALID_ID")}


@pytest.mark.parametrize("state", [None, "REVOKED", "PENDING", "NONSENSE", 7, {"a": 1}])
def test_create_confirms_whatever_was_sent(site: Site, state: object) -> None:
    """The state of a creation is ignored, be it another one, unknown, or no word at all."""
    answer = site.ok("POST", BASE, wrapped(consent() | {"state": state}))
    assert answer["marketingConsent"]["state"] == "CONFIRMED"
    assert answer["link"]["type"] == "REVOKE_CONFIRMATION"


def test_create_refuses_an_identifier_that_has_a_consent(site: Site) -> None:
    """Create never changes a record: 409, and what is stored stays."""
    site.ok("POST", f"{BASE}/upsert", wrapped(consent("REVOKED")))
    before = site.stored()
    response = site.ask("POST", BASE, wrapped(consent(email="ADA@example.org")))
    assert refusal(response) == (409, "ALREADY_EXISTS")
    assert before[0]["id"] in response.body["message"]
    assert "ada@" not in str(response.body).lower()
    assert site.stored() == before


def test_read_only_fields_and_the_repeated_id_are_ignored(site: Site) -> None:
    """What was read may be sent back, with the id in the query, and nothing of it is stored."""
    strange = {"id": 5, "revision": [], "createdDate": "never", "updatedDate": None}
    made = site.ok("POST", f"{BASE}/upsert", wrapped(consent(minute=5) | strange))[
        "marketingConsent"
    ]
    query = {"marketingConsentId": "something else"}
    assert site.ok("GET", f"{BASE}/{made['id']}", query=query)["marketingConsent"] == made
    assert site.ok("POST", f"{BASE}/upsert", wrapped(made))["marketingConsent"] == made
    assert (
        site.ok("POST", BASE, wrapped(made | consent(email="b@example.org")))["marketingConsent"][
            "id"
        ]
        != made["id"]
    )
    assert site.ok("DELETE", f"{BASE}/{made['id']}", query=query) == {}


def test_a_bulk_answers_each_item_in_its_place(site: Site) -> None:
    """Bad items are errors with paths from the body's root.

    The others are stored, wrapped or bare.
    """
    info = [
        consent(),
        consent("NONSENSE"),
        "no object",
        wrapped(consent("PENDING", "bob@example.org")),
        wrapped({"state": "REVOKED"}),
        consent("CONFIRMED", "carl@example.org", minute=2000),
    ]
    answer = site.ok("POST", BULK, {"info": info})
    assert answer["metadata"] == {"totalSuccess": 2, "totalFailure": 4}
    assert [each["originalIndex"] for each in answer["results"]] == list(range(6))
    paths = [
        {
            violation["field"]
            for violation in each["error"]["details"]["validationError"]["fieldViolations"]
        }
        for each in answer["results"]
        if "error" in each
    ]
    assert paths == [
        {"info[1].state"},
        {"info[2]"},
        {"info[4].marketingConsent.details", "info[4].marketingConsent.lastRevokeActivity"},
        {"info[5].lastConfirmationActivity.updatedDate"},
    ]
    assert [each["link"]["type"] for each in answer["results"] if "link" in each] == [
        "REVOKE_CONFIRMATION",
        "CONFIRMATION",
    ]
    assert [record["details"]["email"] for record in site.stored()] == [
        "ada@example.org",
        "bob@example.org",
    ]


@pytest.mark.parametrize("body", [None, [], "x", {}, {"info": None}, {"info": {}}, {"info": "x"}])
def test_a_bulk_without_items_is_a_violation(site: Site, body: object) -> None:
    """The list must be there; an empty one is fine."""
    assert {path for path, _ in violations(site.ask("POST", BULK, body))} == {"info"}
    answer = site.ok("POST", BULK, {"info": []})
    assert answer == {"results": [], "metadata": {"totalSuccess": 0, "totalFailure": 0}}


def test_a_bulk_is_judged_item_by_item(site: Site) -> None:
    """Of two requests for one person the second meets the record of the first."""
    info = [
        consent("CONFIRMED", minute=5),
        consent("REVOKED", minute=6),
        consent("CONFIRMED", minute=4),
    ]
    results = site.ok("POST", BULK, {"info": info})["results"]
    states = [
        (each["marketingConsent"]["state"], each["marketingConsent"]["revision"])
        for each in results
    ]
    assert states == [("CONFIRMED", "1"), ("REVOKED", "2"), ("REVOKED", "2")]


def test_an_older_removal_leaves_the_confirmation(site: Site) -> None:
    """A removal that the evidence outranks is no error: the record is answered as it stands."""
    site.ok("POST", f"{BASE}/upsert", consent(minute=10))
    activity = {"source": "IN_PERSON", "updatedDate": "2020-01-01T00:00:00Z"}
    body = {"details": consent()["details"], "lastRevokeActivity": activity}
    answer = site.ok("POST", f"{BASE}/remove", body)
    assert answer["marketingConsent"]["state"] == "CONFIRMED"
    assert answer["marketingConsent"]["lastRevokeActivity"]["source"] == "IN_PERSON"


def test_an_opt_out_is_never_refused_by_a_tightened_policy(colour: str) -> None:
    """A number that the policy would not take any more can still be removed."""
    loose, details = Site(colour), {"type": "PHONE", "phone": "+445168993333"}
    loose.ok("POST", f"{BASE}/upsert", {"details": details, "state": "NEVER_CONFIRMED"})
    tight = Site(colour, loose.repository, Policy(valid_phones_only=True))
    assert (
        tight.ok("POST", f"{BASE}/remove", {"details": details})["marketingConsent"]["state"]
        == "REVOKED"
    )


@pytest.mark.parametrize("error", [Unavailable("down"), ZeroDivisionError()])
@pytest.mark.parametrize("operation", ["upsert", "create", "bulk"])
def test_what_is_not_foreseen_is_raised(colour: str, error: Exception, operation: str) -> None:
    """A failing store, or any other exception, is the framework's to log."""
    site = Site(colour)
    site.repository = broken = Broken(site.repository, error)
    failing = Site(colour, broken)
    body = {"info": [consent()]} if operation == "bulk" else consent()
    with pytest.raises(type(error)):
        failing.ask(*ROUTES[operation], body)


def test_a_store_that_is_always_ahead(colour: str) -> None:
    """Where other writers are faster every time the answer is 409 ABORTED."""
    site = Site(colour, Broken(Site().repository, Conflict([])))
    assert refusal(site.ask("POST", f"{BASE}/upsert", consent())) == (409, "ABORTED")


def test_requests_are_made_once_for_all() -> None:
    """A request holds its scopes and namespaces as sets, whatever they were given as."""
    request = Request("GET", NOBODY, scopes=["a", "a"], namespaces=("n",))
    assert (request.scopes, request.namespaces) == (frozenset({"a"}), frozenset({"n"}))
    nobody, trusted = Request("GET", NOBODY), Request("GET", NOBODY, scopes=TRUSTED)
    assert (nobody.scopes, nobody.namespaces) == (frozenset(), None)
    assert (trusted.scopes, trusted.namespaces) == (TRUSTED, None)
    assert pickle.loads(pickle.dumps(trusted)) == trusted  # noqa: S301  # our own


def test_no_address_is_shown_by_requests_and_responses(site: Site) -> None:
    """Design, principle 9.

    What a log or a traceback shows of them holds no body and no query, which have addresses.
    """
    site.ok("POST", f"{BASE}/upsert", consent(email="secret@example.org"))
    query = {"type": "EMAIL", "email": "secret@example.org"}
    request = Request(
        "GET", f"{BASE}/get-by", query, consent(email="secret@example.org"), scopes=TRUSTED
    )
    response = site.answer(request)
    assert response.body["marketingConsent"]["details"]["email"] == "secret@example.org"
    assert "secret" not in repr(request) + repr(response)
    assert f"{BASE}/get-by" in repr(request)
    assert "200" in repr(response)
