"""What one would write instead.

The same record and the same conditional rules as pydantic 2 models.
"""

from typing import Annotated, Literal, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    JsonValue,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_extra_types.phone_numbers import PhoneNumber

from consent_core.domain.vocabulary import (
    ConfirmationSource,
    ConsentState,
    OptInLevel,
    RevokeSource,
)


class E164(PhoneNumber):
    """A number in the form in which it is stored."""

    phone_format = "E164"


class _Model(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True
    )


class EmailDetails(_Model):
    """Whom it is about, by e-mail."""

    type: Literal["EMAIL"]
    email: EmailStr


class PhoneDetails(_Model):
    """Whom it is about, by phone."""

    type: Literal["PHONE"]
    phone: E164


class Confirmation(_Model):
    """The evidence of a yes."""

    source: ConfirmationSource = ConfirmationSource.UNKNOWN_SOURCE
    description: Annotated[str, Field(max_length=4096)] | None = None
    updated_date: AwareDatetime | None = None
    opt_in_level: OptInLevel = OptInLevel.UNKNOWN_OPT_IN_LEVEL


class Revocation(_Model):
    """The evidence of a no."""

    source: RevokeSource = RevokeSource.UNKNOWN_SOURCE
    description: Annotated[str, Field(max_length=4096)] | None = None
    updated_date: AwareDatetime | None = None


class ExtendedFields(_Model):
    """What applications keep beside it."""

    namespaces: dict[str, dict[str, JsonValue]] = {}


class Consent(_Model):
    """The request, with the rules that depend on the state."""

    details: Annotated[EmailDetails | PhoneDetails, Field(discriminator="type")]
    state: ConsentState
    last_confirmation_activity: Confirmation | None = None
    last_revoke_activity: Revocation | None = None
    extended_fields: ExtendedFields | None = None

    @model_validator(mode="after")
    def _check_evidence(self) -> Self:
        confirmation, revocation = self.last_confirmation_activity, self.last_revoke_activity
        if self.state in {ConsentState.PENDING, ConsentState.CONFIRMED} and confirmation is None:
            raise ValueError("lastConfirmationActivity is required")
        if self.state is ConsentState.REVOKED and revocation is None:
            raise ValueError("lastRevokeActivity is required")
        level = confirmation and confirmation.opt_in_level
        if self.state is ConsentState.PENDING and level is OptInLevel.SINGLE_CONFIRMATION:
            raise ValueError("PENDING needs DOUBLE_CONFIRMATION")
        if confirmation and revocation and confirmation.updated_date and revocation.updated_date:
            granting = self.state in {ConsentState.PENDING, ConsentState.CONFIRMED}
            if granting and revocation.updated_date >= confirmation.updated_date:
                raise ValueError("the evidence contradicts itself")
            if (
                self.state is ConsentState.REVOKED
                and confirmation.updated_date > revocation.updated_date
            ):
                raise ValueError("the evidence contradicts itself")
        return self
