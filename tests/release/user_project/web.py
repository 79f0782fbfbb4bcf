"""Right use in FastAPI: as in ``newsletter``, the type checkers have nothing to say about it."""

from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response
from pydantic import BaseModel

import consent_core as cc
from consent_core.fastapi import add_exception_handlers, consent_exception_handler
from consent_core.pydantic import ConsentPart, Email, Identifier, Limits, Phone

POLICY = cc.Policy.strict()


class SignUp(BaseModel):
    """The body of a form."""

    email: Email
    phone: Phone | None = None
    consent: Annotated[ConsentPart, Limits(cc.Claims.sign_up_form(), POLICY)]


class Contact(BaseModel):
    """Either of the two."""

    who: Identifier


app = FastAPI()
add_exception_handlers(app)


def service() -> cc.AsyncConsentService:
    """A dependency of the application."""
    return cc.AsyncConsentService(policy=POLICY)


Consents = Annotated[cc.AsyncConsentService, Depends(service)]


@app.post("/sign-up")
async def sign_up(form: SignUp, consents: Consents) -> Contact:
    """A field is what the library makes of it."""
    key: str = form.email.key
    request: cc.Upsert = form.consent.upsert(form.email, description="Sign-up form")
    outcome: cc.Outcome = await consents.upsert(request)
    number: cc.Phone | None = form.phone
    return Contact(who=number if number is not None and key else outcome.consent.details)


@app.exception_handler(cc.Unavailable)
async def unavailable(request: Request, exc: Exception) -> Response:
    """More than the answer of the library."""
    response = await consent_exception_handler(request, exc)
    response.headers["Retry-After"] = "60"
    return response
