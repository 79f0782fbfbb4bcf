"""Wrong use.

Both type checkers find every mistake, because a comment that silences nothing is an error to them.
"""

from typing import assert_never
from uuid import UUID

import consent_core as cc

service, ada = cc.ConsentService(), cc.Email("ada@example.org")

service.upsert(cc.Upsert(details="ada@example.org", state=cc.ConsentState.REVOKED))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
service.upsert(cc.Upsert(details=ada, state="REVOKED"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
service.remove(ada)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
service.remove(ada, cc.ConfirmationActivity())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
service.update("1", revision=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
service.update(UUID(int=1), colour="red")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
str(service.get_by_identifier(ada).consent.state)  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]
service.get(UUID(int=1)).state = cc.ConsentState.CONFIRMED  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
cc.AsyncConsentService(cc.MemoryRepository())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
cc.Query(state="CONFIRMED")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
cc.decide(None, cc.Upsert(details=ada, state=cc.ConsentState.UNKNOWN_STATE))  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
for answer in service.bulk_upsert([]):
    str(answer.consent)  # type: ignore[union-attr]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType, reportUnknownMemberType]


def forgets_the_deleted(event: cc.ConsentEvent) -> None:
    """Not every event carries a record."""
    match event:
        case cc.ConsentCreated() | cc.ConsentUpdated():
            pass
        case _:
            assert_never(event)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def forgets_to_wait(consents: cc.AsyncConsentService) -> UUID:
    """An answer that was not waited for has no id."""
    return consents.get(UUID(int=1)).id  # type: ignore[no-any-return, attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]
