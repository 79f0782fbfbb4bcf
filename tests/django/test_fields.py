"""Addresses and numbers in models: their normal form, and a key that is never stale."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core import checks
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.db.models.functions import Lower
from django.forms import CharField, Form, modelform_factory

import consent_core as cc
from consent_core.adapters.django import forms
from consent_core.adapters.django.fields import (
    EmailIdentifierField,
    IdentifierKeyField,
    PhoneIdentifierField,
)
from tests.django.shop.models import Customer, Subscriber


@pytest.fixture
def customers(using: str) -> Iterator[Any]:
    """The customers in a database, none to begin with."""
    yield Customer.objects.using(using)
    Customer.objects.using(using).delete()
    Subscriber.objects.using(using).delete()


def keys(customers: Any) -> list[tuple[str, str]]:
    """What is stored, by name."""
    return [*customers.order_by("name").values_list("email", "email_key")]


def test_an_address_is_kept_as_it_is_normalised_with_its_key(customers: Any) -> None:
    """The case of the local part stays; the key is what the library compares by."""
    ada = customers.create(name="ada", email=" Ada@Example.ORG ", phone="030 123456")
    assert (ada.email, ada.email_key) == ("Ada@example.org", "ada@example.org")
    assert (ada.phone, ada.phone_key) == ("+4930123456", "+4930123456")
    assert keys(customers) == [("Ada@example.org", "ada@example.org")]
    assert customers.create(name="b", email=cc.Email("B@example.org")).email == "B@example.org"


def test_the_key_follows_the_rules_and_not_the_database(customers: Any) -> None:
    """A long s is no s, and what is composed is one character: no ``LOWER`` knows both."""
    for address in ("\u017fam@example.org", "Y\u030a@example.org"):
        stored = customers.create(name=address, email=address)
        assert stored.email_key == cc.Email(address).key


def test_a_number_may_be_absent(customers: Any) -> None:
    """Without an identifier there is no key, and so nobody to contact."""
    ada = customers.create(name="ada", email="ada@example.org")
    assert ada.phone_key is None
    assert Customer._meta.get_field("phone").clean("", ada) == ""  # noqa: SLF001  # public in Django


def test_what_is_no_address_is_not_stored(customers: Any) -> None:
    """Also where no form has judged it; the message does not repeat it."""
    with pytest.raises(ValidationError) as caught:
        customers.create(name="ada", email="ada@")
    assert caught.value.code == "INVALID_EMAIL"
    assert "ada" not in str(caught.value)


def test_a_person_is_found_in_whatever_case(customers: Any) -> None:
    """Keys are compared."""
    ada = customers.create(name="ada", email="Ada@example.org")
    assert customers.get(email_key="aDA@EXAMPLE.org") == ada
    assert customers.get(email_key=cc.Email("ada@example.org")) == ada
    assert customers.get(email="Ada@EXAMPLE.org") == ada
    assert not customers.filter(email="no address").exists()
    assert not customers.filter(email_key=7).exists()
    assert not customers.filter(email_key=None).exists()


def test_update_writes_the_key(customers: Any) -> None:
    """One statement for both columns."""
    customers.create(name="ada", email="old@example.org")
    assert customers.filter(name="ada").update(email="New@example.org", phone="") == 1
    assert keys(customers) == [("New@example.org", "new@example.org")]
    customers.update(email=cc.Email("Third@example.org"), name="x")
    assert keys(customers) == [("Third@example.org", "third@example.org")]
    customers.update(name="y")


def test_a_national_number_has_the_key_of_its_region(customers: Any) -> None:
    """Whichever way it is written, and whichever of the two fields comes first in the model."""
    ada = customers.create(name="ada", email="ada@example.org", phone="030 123456")
    customers.update(phone="030 123457")
    assert [*customers.values_list("phone", "phone_key")] == [("+4930123457", "+4930123457")]
    ada.phone = "030 123458"
    customers.bulk_update([ada], ["phone"], 10)
    assert [*customers.values_list("phone", "phone_key")] == [("+4930123458", "+4930123458")]
    ada.phone = "030 123459"
    assert Customer._meta.get_field("phone_key").pre_save(ada, add=False) == "+4930123459"  # noqa: SLF001  # public in Django


@pytest.mark.parametrize("wrong", ["ada@", cc.Phone("+12025550172")])
def test_no_way_of_writing_stores_what_is_no_address(customers: Any, wrong: Any) -> None:
    """Nor a number in place of an address."""
    ada = customers.create(name="ada", email="ada@example.org")
    ada.email = wrong
    for write in (
        ada.save,
        lambda: customers.bulk_update([ada], ["email"]),
        lambda: customers.update(email=wrong),
        lambda: customers.bulk_create([Customer(name="b", email=wrong)]),
    ):
        with pytest.raises(ValidationError):
            write()
    assert keys(customers) == [("ada@example.org", "ada@example.org")]


@pytest.mark.parametrize(
    "values", [{"email": Lower("email")}, {"email_key": "x"}, {"email": F("name")}]
)
def test_an_update_that_would_make_the_key_stale_is_refused(
    customers: Any, values: dict[str, Any]
) -> None:
    """An expression has no key, and a key alone belongs to no address."""
    with pytest.raises(ValueError, match='"email_key" is the key of "email"'):
        customers.update(**values)


def test_bulk_create_and_bulk_update_write_the_key(customers: Any) -> None:
    """Both, and what ``bulk_create`` updates in place."""
    rows = customers.bulk_create(
        [Customer(name=name, email=f"{name}@example.org") for name in ("Ada", "Bob")]
    )
    assert keys(customers) == [
        (f"{n}@example.org", f"{n.lower()}@example.org") for n in ("Ada", "Bob")
    ]
    stored = [*customers.order_by("name")]
    for row in stored:
        row.email = f"New.{row.email}"
    assert customers.bulk_update(stored, ["email"]) == len(rows)
    assert keys(customers)[0] == ("New.Ada@example.org", "new.ada@example.org")
    stored[0].name = "Aida"
    customers.bulk_update(stored, ["name"])
    stored[0].email = "Again@example.org"
    customers.bulk_create(
        [stored[0]], update_conflicts=True, unique_fields=["id"], update_fields=["email"]
    )
    assert keys(customers)[0] == ("Again@example.org", "again@example.org")


def test_save_refuses_the_address_without_its_key(customers: Any) -> None:
    """Else the consent of the old address would count for the new one."""
    ada = customers.create(name="ada", email="ada@example.org")
    ada.email = "new@example.org"
    with pytest.raises(ValueError, match='must name "email_key" with "email"'):
        ada.save(update_fields=["email"])
    ada.save(update_fields=["name"])
    assert keys(customers) == [("ada@example.org", "ada@example.org")]
    ada.save(update_fields=["email", "email_key"])
    assert keys(customers) == [("new@example.org", "new@example.org")]
    customers.update_or_create(name="ada", defaults={"email": "Third@example.org"})
    assert keys(customers) == [("Third@example.org", "third@example.org")]


def test_nobody_is_there_twice(using: str, customers: Any) -> None:
    """In the database, and in forms before it."""
    customers.create(name="ada", email="ada@example.org")
    with pytest.raises(IntegrityError), transaction.atomic(using=using):
        customers.create(name="again", email="ADA@example.org")


def test_a_form_of_a_model_says_that_somebody_has_the_address(shop: cc.ConsentService) -> None:
    """By the key, with Django's own code and words; oneself is nobody else."""
    del shop
    ada = Customer.objects.create(name="ada", email="ada@example.org")
    form_class: Any = modelform_factory(Customer, fields=["name", "email", "phone"])

    def codes(form: Any) -> dict[str, list[str]]:
        return {name: [e.code for e in found] for name, found in form.errors.as_data().items()}

    typed = {"name": "x", "email": "ADA@example.org"}
    assert codes(form_class(typed)) == {"email": ["unique"]}
    assert "already exists" in str(form_class(typed).errors)
    assert codes(form_class(typed, instance=ada)) == {}
    assert codes(form_class(typed | {"email": "bob@example.org"})) == {}
    assert codes(form_class({"name": "x", "email": "grace@", "phone": "1"})) == {
        "email": ["INVALID_EMAIL"],
        "phone": ["INVALID_PHONE"],
    }


class SignUp(Form):
    """A form of an application."""

    email = forms.EmailIdentifierField(error_messages={"INVALID_EMAIL": "Bitte prüfen."})
    phone = forms.PhoneIdentifierField(required=False, region="DE")


def test_a_form_gives_the_normal_form_and_its_own_words() -> None:
    """Values are what messages are sent to; messages are found by the code."""
    form = SignUp({"email": " Ada@Example.org ", "phone": "030/123456"})
    assert form.is_valid()
    assert form.cleaned_data == {"email": "Ada@example.org", "phone": "+4930123456"}
    assert SignUp({"email": "ada@example.org"}).is_valid()
    wrong = SignUp({"email": "ada@", "phone": "+49"})
    assert wrong.errors == {"email": ["Bitte prüfen."], "phone": ["Enter a valid phone number."]}
    assert 'type="tel"' in str(wrong["phone"])


def test_an_application_may_call_errors_what_it_likes() -> None:
    """A violation without a message of its own says what the library says."""
    field = forms.EmailIdentifierField()
    field.error_messages = {}
    with pytest.raises(ValidationError, match="must have an @-sign"):
        field.clean("ada")


def test_fields_survive_migrations() -> None:
    """What ``deconstruct`` gives builds the same field."""
    for field in (
        PhoneIdentifierField(region="DE"),
        EmailIdentifierField(),
        IdentifierKeyField("email", "EMAIL", unique=True),
        IdentifierKeyField("email", cc.Channel.EMAIL),
    ):
        _, _, args, options = field.deconstruct()
        again = type(field)(*args, **options)
        assert again.deconstruct()[2:] == (args, options)


def test_a_manager_that_would_make_keys_stale_is_named() -> None:
    """``manage.py check`` says what to write."""

    class Careless(models.Model):
        email = models.CharField(max_length=200)
        email_key = IdentifierKeyField("email", "EMAIL")

        class Meta:
            app_label = "careless"

        def __str__(self) -> str:
            return ""

    found = [each for each in Careless.check() if isinstance(each, checks.Error)]
    assert [(each.id, each.hint) for each in found] == [
        ("consent_core.E002", "objects = IdentifierManager()")
    ]
    assert Customer.check() == []


def test_an_older_address_that_is_none_has_no_key(customers: Any, using: str) -> None:
    """A field of Django's own keeps what it has; nobody without a key may be contacted."""
    del customers
    rows = Subscriber.objects.using(using)
    assert rows.create(email="not an address").email_key is None
    assert rows.create(email="Ada@example.org").email_key == "ada@example.org"


def test_plain_text_stays_a_plain_field() -> None:
    """The form field is Django's own kind of field."""
    assert isinstance(EmailIdentifierField().formfield(), CharField)
