"""Section 4 of the contract written out with plain dicts, sentence by sentence, to hold the service against.

Nothing of the library is used here. Dates are minutes. A record is a dict of ``state``, the slots ``yes`` and ``no``
(dicts of ``date`` and ``source``, and ``level`` in ``yes``), ``fields``, ``revision`` and ``events``; a request is one
of ``who``, ``state``, ``yes``, ``no`` and ``fields``.
"""

from typing import Any

SKEW = 5
GRANTS = ("PENDING", "CONFIRMED")

Plain = dict[str, Any]


class RefusedError(Exception):
    """The request breaks rules, the record is missing, or it is there although it must not be."""


class NaiveModel:
    """All records by identifier; every method answers ``(result, kept)`` or raises ``RefusedError``."""

    def __init__(self) -> None:
        self.records: dict[str, Plain] = {}

    def upsert(self, request: Plain, now: int) -> tuple[str, str | None]:
        """Apply a request to the identifier's record, or create one."""
        before = self.records.get(request["who"])
        request = _doubly(request)
        _validate(before, request, now)
        after, kept = _apply(before or {"state": None, "yes": None, "no": None, "fields": {}}, request, now)
        after["fields"] = _merged(after["fields"], request["fields"])
        if before is not None and all(after[part] == before[part] for part in ("state", "yes", "no", "fields")):
            return "UNCHANGED", kept
        after["revision"] = after["events"] = (before["revision"] if before else 0) + 1
        self.records[request["who"]] = after
        return ("UPDATED" if before else "CREATED"), kept

    def create(self, request: Plain, now: int) -> tuple[str, str | None]:
        """Apply a CONFIRMED request to an identifier without a record."""
        if request["who"] in self.records:
            raise RefusedError("ConsentAlreadyExists")
        return self.upsert(request, now)

    def remove(self, request: Plain, now: int) -> tuple[str, str | None]:
        """Apply a revocation to an identifier that has a record."""
        if request["who"] not in self.records:
            raise RefusedError("ConsentNotFound")
        return self.upsert(request, now)

    def update(self, request: Plain, expected: int | None, now: int) -> tuple[str, str | None]:
        """Apply what is given of a request; without a state, evidence must be that of the stored state."""
        before = self.records.get(request["who"])
        if before is None:
            raise RefusedError("ConsentNotFound")
        if expected is not None and expected != before["revision"]:
            raise RefusedError("RevisionMismatch")
        state = request["state"] or before["state"]
        given = {"yes": request["yes"], "no": request["no"]}
        if request["state"] is None and given == {"yes": None, "no": None}:
            given = {"yes": before["yes"], "no": before["no"]}
        elif request["state"] is None and not _proven(state, given):
            raise RefusedError("InvalidConsent")
        if state in (*GRANTS, "REVOKED") and not _proven(state, given):
            raise RefusedError("InvalidConsent")
        return self.upsert({**request, "state": state, **given}, now)

    def delete(self, who: str) -> int:
        """Erase a record; what remains is its event, with the next sequence."""
        if who not in self.records:
            raise RefusedError("ConsentNotFound")
        revision: int = self.records.pop(who)["revision"]
        return revision + 1


def _proven(state: str, given: Plain) -> bool:
    return (state in GRANTS and given["yes"] is not None) or (state == "REVOKED" and given["no"] is not None)


def _doubly(request: Plain) -> Plain:
    """PENDING with the level absent or unknown is taken as DOUBLE_CONFIRMATION."""
    if request["state"] == "PENDING" and request["yes"] and request["yes"]["level"] == "UNKNOWN_OPT_IN_LEVEL":
        return {**request, "yes": {**request["yes"], "level": "DOUBLE_CONFIRMATION"}}
    return request


def _validate(before: Plain | None, request: Plain, now: int) -> None:
    """Section 3, rules 5 to 7: no evidence from the future, and none that contradicts itself."""
    state, granted, revoked = request["state"], request["yes"], request["no"]
    if state == "PENDING" and granted["level"] == "SINGLE_CONFIRMATION":
        raise RefusedError("InvalidConsent")
    for kind in ("yes", "no"):
        evidence, held = request[kind], before and before[kind]
        if evidence and evidence != held and evidence["date"] is not None and evidence["date"] > now + SKEW:
            raise RefusedError("InvalidConsent")
    if not granted or not revoked:
        return
    confirmed = now if granted["date"] is None else granted["date"]
    taken_back = now if revoked["date"] is None else revoked["date"]
    if state in GRANTS and taken_back >= confirmed:
        raise RefusedError("InvalidConsent")
    # A revocation dated at receipt is dated at the confirmation if that is later: it contradicts nothing.
    if state == "REVOKED" and confirmed > taken_back and taken_back < now:
        raise RefusedError("InvalidConsent")


def _apply(record: Plain, request: Plain, now: int) -> tuple[Plain, str | None]:
    """Two pieces of evidence are read in the order of their dates, which puts the state's own last."""
    state = request["state"]
    if state in GRANTS:
        if request["no"]:
            record, _ = _revoke(record, request["no"], now)
        return _grant(record, state, request["yes"], now)
    if state == "REVOKED":
        if request["yes"]:
            record, _ = _grant(record, "CONFIRMED", request["yes"], now)
        return _revoke(record, request["no"], now)
    return _declare(record, request, now)


def _grant(record: Plain, state: str, evidence: Plain, now: int) -> tuple[Plain, str | None]:
    stored, held, revoked = record["state"], record["yes"], record["no"]
    if evidence != held and (evidence["date"] is None or evidence["date"] > now):
        evidence = {**evidence, "date": now}
    if stored == state and evidence == held:
        return dict(record), None
    if state == "PENDING" and stored == "CONFIRMED":
        return dict(record), "ALREADY_CONFIRMED"
    too_late = revoked is not None and evidence["date"] <= revoked["date"]
    not_newer = stored == state and evidence["date"] <= held["date"]
    if too_late or not_newer:
        older = held is None or held["date"] < evidence["date"]
        filled = {"yes": evidence} if state == "CONFIRMED" and older else {}
        return {**record, **filled}, "STALE_EVIDENCE"
    return {**record, "state": state, "yes": evidence}, None


def _revoke(record: Plain, evidence: Plain, now: int) -> tuple[Plain, str | None]:
    stored, confirmed, held = record["state"], record["yes"], record["no"]
    evidence = _revocation_dated(evidence, confirmed, held, now)
    if stored == "REVOKED" and evidence == held:
        return dict(record), None
    newest = evidence if held is None or held["date"] < evidence["date"] else held
    too_late = confirmed is not None and evidence["date"] < confirmed["date"]
    if too_late or (stored == "REVOKED" and newest is held):
        return {**record, "no": newest}, "STALE_EVIDENCE"
    return {**record, "state": "REVOKED", "no": newest}, None


def _revocation_dated(evidence: Plain, confirmed: Plain | None, held: Plain | None, now: int) -> Plain:
    """Dated at receipt, which is never before the confirmation slot; what is stored already keeps its date."""
    if evidence == held or (evidence["date"] is not None and evidence["date"] < now):
        return evidence
    return {**evidence, "date": now if confirmed is None else max(now, confirmed["date"])}


def _declare(record: Plain, request: Plain, now: int) -> tuple[Plain, str | None]:
    """UNKNOWN_STATE and NEVER_CONFIRMED carry no evidence; a new record keeps what comes with them."""
    state, stored = request["state"], record["state"]
    if stored is None:
        granted, revoked = request["yes"], request["no"]
        if granted and (granted["date"] is None or granted["date"] > now):
            granted = {**granted, "date": now}
        revoked = revoked and _revocation_dated(revoked, granted, None, now)
        return {**record, "state": state, "yes": granted, "no": revoked}, None
    if stored == state:
        return dict(record), None
    if state == "UNKNOWN_STATE" and "@" in request["who"]:
        return dict(record), "EMAIL_KEEPS_STATE"
    if stored == "REVOKED":
        return dict(record), "REVOKED_NEEDS_EVIDENCE"
    return {**record, "state": state}, None


def _merged(fields: Plain, patch: Plain) -> Plain:
    """Merged per field; a null removes the field (one namespace is enough here)."""
    return {name: value for name, value in {**fields, **patch}.items() if value is not None}
