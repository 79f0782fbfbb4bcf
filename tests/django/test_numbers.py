"""Numbers as people write them, by the region of a project, and what its policy refuses."""

import pytest
from django.core.exceptions import ValidationError
from django.test import override_settings

import consent_core as cc
from consent_core.adapters.django import forms
from consent_core.adapters.django.fields import IdentifierKeyField
from tests.django.shop.models import Customer


@pytest.mark.parametrize(
    ("region", "typed", "value"),
    [
        ("DE", "030 123456", "+4930123456"),
        ("DE", "(030) 123456", "+4930123456"),
        ("DE", "+12025550172", "+12025550172"),
        ("US", "202-555-0172", "+12025550172"),
        ("DE", "+4930123456", "+4930123456"),
        (None, "030 123456", None),
        ("DE", "030-VANITY", None),
        ("DE", "1", None),
    ],
)
def test_a_number_without_its_country_is_one_of_the_region(
    region: str | None, typed: str, value: str | None
) -> None:
    """Of the field's, or else of the project's; without either it needs its plus sign."""
    if value is None:
        with pytest.raises(ValidationError):
            forms.PhoneIdentifierField(region=region).clean(typed)
    else:
        assert forms.PhoneIdentifierField(region=region).clean(typed) == value
        with override_settings(CONSENT_CORE={"DEFAULT_REGION": region}):
            assert forms.PhoneIdentifierField().clean(typed) == value


def test_fields_refuse_what_the_policy_refuses(shop: cc.ConsentService) -> None:
    """By the field, with its code, and not by the service in a view."""
    del shop
    strict = cc.Policy(valid_phones_only=True, max_identifier_length=20)
    given = {"POLICY": strict, "DEFAULT_REGION": "DE"}
    customer = Customer(name="x", email="x" * 20 + "@example.org", phone="110")
    with override_settings(CONSENT_CORE=given):
        for typed in ("01", "0151", "110"):
            with pytest.raises(ValidationError) as caught:
                forms.PhoneIdentifierField().clean(typed)
            assert caught.value.code == "UNASSIGNED_PHONE"
        assert forms.PhoneIdentifierField().clean("030 123456") == "+4930123456"
        with pytest.raises(ValidationError) as caught:
            customer.full_clean()
        found = caught.value.error_dict
        assert {name: [e.code for e in errors] for name, errors in found.items()} == {
            "email": ["TOO_LONG"],
            "phone": ["UNASSIGNED_PHONE"],
        }
        # A row of before the policy can still be saved.
        customer.save()
    customer.full_clean()


def test_a_key_is_looked_up_as_people_write_numbers(shop: cc.ConsentService) -> None:
    """By the region of the field whose key it is, or else of the project."""
    del shop
    ada = Customer.objects.create(email="ada@example.org", phone="030 123456")
    assert Customer.objects.get(phone_key="030/123456") == ada
    assert Customer.objects.get(phone_key="+49 30 123456") == ada
    assert not Customer.objects.filter(email_key="030 123456").exists()


def test_an_unknown_channel_is_named() -> None:
    """With the words that are known."""
    for call in (
        lambda: Customer.objects.may_be_contacted("SMS"),
        lambda: IdentifierKeyField("phone", "SMS"),
    ):
        with pytest.raises(ValueError, match="known are EMAIL, PHONE"):
            call()
