"""Section 4 of the contract written out with plain dicts, sentence by sentence, to hold the service
against.

Nothing of the library is used here. Dates are minutes. A record is a dict of ``state``, the slots
``yes`` and ``no`` (dicts of ``date`` and ``source``, and ``level`` in ``yes``), ``doubly`` (the
date of the latest double opt-in), ``fields``, ``revision`` and ``events``; a request is one of
``who``, ``state``, ``yes``, ``no`` and ``fields``.
"""

from typing import Any

Plain = dict[str, Any]

SKEW = 5
GRANTS = ("PENDING", "CONFIRMED")
UNDATED_IS_NOW = ("FORM", "IN_PERSON", "LINK_CONFIRMATION")
NOTHING: Plain = {"state": None, "yes": None, "no": None, "doubly": None, "fields": {}}


class RefusedError(Exception):
    """The request breaks rules, the record is missing, or it is there although it must not be."""


class NaiveModel:
    """All records by identifier.

    Every method answers ``(result, kept)`` or raises ``RefusedError``.
    """

    def __init__(self) -> None:
        self.records: dict[str, Plain] = {}

    def upsert(
        self, request: Plain, now: int, of_fields: set[str] | None = None
    ) -> tuple[str, str | None]:
        """Apply a request to the identifier's record, or create one.

        In a bulk, changes of extended fields alone that follow each other are one revision:
        ``of_fields`` holds who the last change of was one.
        """
        before = self.records.get(request["who"])
        request = _doubly(request)
        _validate(before, request, now)
        after, kept = _apply(before or NOTHING, request, now)
        after["fields"] = _merged(after["fields"], request["fields"])
        if before is not None and all(after[part] == before[part] for part in NOTHING):
            return "UNCHANGED", kept
        alone = before is not None and all(
            after[part] == before[part] for part in NOTHING if part != "fields"
        )
        folded = alone and of_fields is not None and request["who"] in of_fields
        if of_fields is not None:
            (of_fields.add if alone else of_fields.discard)(request["who"])
        after["revision"] = after["events"] = (before["revision"] if before else 0) + (
            0 if folded else 1
        )
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
        """Apply what is given of a request.

        Without a state, evidence must be that of the stored state.
        """
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
    return (state in GRANTS and given["yes"] is not None) or (
        state == "REVOKED" and given["no"] is not None
    )


def _doubly(request: Plain) -> Plain:
    """PENDING with the level absent or unknown is taken as DOUBLE_CONFIRMATION."""
    if (
        request["state"] == "PENDING"
        and request["yes"]
        and request["yes"]["level"] == "UNKNOWN_OPT_IN_LEVEL"
    ):
        return {**request, "yes": {**request["yes"], "level": "DOUBLE_CONFIRMATION"}}
    return request


def _validate(before: Plain | None, request: Plain, now: int) -> None:
    """Section 3, rules 5 to 7: no grant from the future, and none that contradicts itself.

    Never an opt-out.
    """
    state, granted, revoked = request["state"], request["yes"], request["no"]
    if state == "PENDING" and granted["level"] == "SINGLE_CONFIRMATION":
        raise RefusedError("InvalidConsent")
    if revoked and state not in GRANTS:
        return
    held = before and before["yes"]
    if granted and granted != held and granted["date"] is not None and granted["date"] > now + SKEW:
        raise RefusedError("InvalidConsent")
    if state in GRANTS and revoked:
        confirmed = now if granted["date"] is None else granted["date"]
        if revoked["date"] is None or revoked["date"] >= confirmed:
            raise RefusedError("InvalidConsent")


def _apply(record: Plain, request: Plain, now: int) -> tuple[Plain, str | None]:
    """Two pieces of evidence are read in the order of their dates: the state's own is last."""
    state, granted, revoked = request["state"], request["yes"], request["no"]
    if (
        granted
        and revoked
        and (state, granted, revoked) == (record["state"], record["yes"], record["no"])
    ):
        return dict(record), None
    if state in GRANTS:
        if revoked:
            record, _ = _revoke(record, _revocation_dated(revoked, record, now))
        return _grant(record, state, granted, now)
    if state == "REVOKED":
        confirmed = None
        if granted:
            confirmed = _confirmation_dated(granted, "CONFIRMED", record["yes"], now)[0]["date"]
            record, _ = _grant(record, "CONFIRMED", granted, now)
        revoked = _revocation_dated(revoked, record, now)
        # Never refused: it then counts at the date of its confirmation.
        later = confirmed is not None and confirmed > revoked["date"]
        return _revoke(record, {**revoked, "date": confirmed} if later else revoked)
    return _declare(record, request, now)


def _grant(record: Plain, state: str, evidence: Plain, now: int) -> tuple[Plain, str | None]:
    stored, held, revoked = record["state"], record["yes"], record["no"]
    evidence, proves = _confirmation_dated(evidence, state, held, now)
    if stored == state and evidence == held:
        return dict(record), None
    if state == "PENDING" and stored == "CONFIRMED":
        return dict(record), "ALREADY_CONFIRMED"
    if not proves and (revoked is not None or stored == "CONFIRMED"):
        return dict(record), "UNDATED_EVIDENCE"
    too_late = revoked is not None and evidence["date"] <= revoked["date"]
    not_newer = stored == state and evidence["date"] <= held["date"]
    if too_late or not_newer:
        # While PENDING the slot holds the open question.
        older = stored != "PENDING" and (held is None or held["date"] < evidence["date"])
        filled = {"yes": evidence} if state == "CONFIRMED" and older else {}
        return {**record, **filled}, "STALE_EVIDENCE"
    taken = {**record, "state": state, "yes": evidence}
    if state == "CONFIRMED" and evidence["level"] == "DOUBLE_CONFIRMATION":
        taken["doubly"] = max(evidence["date"], record["doubly"] or 0)
    return taken, None


def _confirmation_dated(
    evidence: Plain, state: str, held: Plain | None, now: int
) -> tuple[Plain, bool]:
    """With the date that it counts at, and whether that date proves an order."""
    if evidence == held:
        return evidence, True
    if evidence["date"] is None:
        if state == "CONFIRMED" and evidence["source"] not in UNDATED_IS_NOW:
            return {**evidence, "date": held["date"] if held else now}, False
        return {**evidence, "date": now}, True
    earlier = {**evidence, "date": evidence["date"] - SKEW}
    if earlier == held:
        return earlier, True  # the same evidence, delivered again
    if evidence["date"] > now:
        return {**earlier, "date": min(earlier["date"], now)}, True
    return evidence, True


def _revoke(record: Plain, evidence: Plain) -> tuple[Plain, str | None]:
    stored, confirmed, held = record["state"], record["yes"], record["no"]
    if stored == "REVOKED" and evidence == held:
        return dict(record), None
    newest = evidence if held is None or held["date"] < evidence["date"] else held
    too_late = confirmed is not None and evidence["date"] < confirmed["date"]
    if too_late or (stored == "REVOKED" and newest is held):
        return {**record, "no": newest}, "STALE_EVIDENCE"
    return {**record, "state": "REVOKED", "no": newest}, None


def _revocation_dated(evidence: Plain, record: Plain, now: int) -> Plain:
    """Undated, or ahead of receipt.

    At receipt, and never before the confirmation slot, which may be ahead.
    """
    if evidence == record["no"]:
        return evidence
    confirmed = record["yes"]["date"] if record["yes"] else now
    if evidence["date"] is None or evidence["date"] >= now:
        return {**evidence, "date": max(now, confirmed)}
    if confirmed > now and evidence["date"] >= now - SKEW:
        return {**evidence, "date": confirmed}
    return evidence


def _declare(record: Plain, request: Plain, now: int) -> tuple[Plain, str | None]:
    """UNKNOWN_STATE and NEVER_CONFIRMED carry no evidence.

    A new record keeps what comes with them.
    """
    state, stored, granted, revoked = (
        request["state"],
        record["state"],
        request["yes"],
        request["no"],
    )
    if stored is None:
        founded = {
            **record,
            "state": state,
            "yes": granted and _confirmation_dated(granted, state, None, now)[0],
        }
        return {**founded, "no": revoked and _revocation_dated(revoked, founded, now)}, None
    if revoked and revoked != record["no"]:
        # An opt-out is never ignored: first it is decided as a REVOKED request of its own.
        record, _ = _revoke(record, _revocation_dated(revoked, record, now))
        stored = record["state"]
    if stored == state:
        return dict(record), None
    if state == "UNKNOWN_STATE" and "@" in request["who"]:
        return dict(record), "EMAIL_KEEPS_STATE"
    if stored == "REVOKED" or (stored == "PENDING" and record["no"]):
        return dict(record), "REVOKED_NEEDS_EVIDENCE"
    return {**record, "state": state}, None


def _merged(fields: Plain, patch: Plain) -> Plain:
    """Merged per field; a null removes the field (one namespace is enough here)."""
    return {name: value for name, value in {**fields, **patch}.items() if value is not None}
