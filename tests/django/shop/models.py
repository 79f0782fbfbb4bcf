"""The customers, and subscribers whose addresses are in one of Django's own fields."""

from django.db import models

from consent_core.adapters.django.fields import (
    EmailIdentifierField,
    IdentifierKeyField,
    IdentifierManager,
    PhoneIdentifierField,
)


class Customer(models.Model):
    """Has an address that nobody else has, and perhaps a number."""

    name = models.CharField(max_length=50, blank=True)
    email = EmailIdentifierField()
    email_key = IdentifierKeyField("email", "EMAIL", unique=True)
    phone = PhoneIdentifierField(blank=True, region="DE")
    phone_key = IdentifierKeyField("phone", "PHONE")
    objects = IdentifierManager()

    def __str__(self) -> str:
        """The name."""
        return str(self.name)


class Subscriber(models.Model):
    """Has two addresses, as an older application kept them."""

    email = models.CharField(max_length=200)
    email_key = IdentifierKeyField("email", "EMAIL")
    work = models.CharField(max_length=200, blank=True)
    work_key = IdentifierKeyField("work", "EMAIL")
    objects = IdentifierManager()

    def __str__(self) -> str:
        """The row."""
        return f"subscriber {self.pk}"
