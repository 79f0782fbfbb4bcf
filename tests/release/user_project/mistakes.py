"""Wrong use.

Both type checkers find every mistake, because a comment that silences nothing is an error to them.
"""

from typing import Annotated, assert_never
from uuid import UUID

from pydantic import BaseModel

import consent_core as cc
from consent_core.fastapi import add_exception_handlers
from consent_core.pydantic import ConsentPart, Email, Limits

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


class SignUp(BaseModel):
    """The body of a form."""

    email: Email
    consent: Annotated[ConsentPart, Limits(cc.Claims.sign_up_form())]


def forgets_whom_it_is_about(form: SignUp) -> cc.Upsert:
    """The consent part does not say it."""
    str(form.email.number)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType]
    return form.consent.upsert()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue, reportUnknownVariableType]


add_exception_handlers(service)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


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
