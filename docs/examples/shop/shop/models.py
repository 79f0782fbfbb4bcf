from consent_core.adapters.django.fields import (
    EmailIdentifierField,
    IdentifierKeyField,
    IdentifierManager,
)
from django.db import models


class Customer(models.Model):
    email = EmailIdentifierField()
    email_key = IdentifierKeyField("email", "EMAIL", unique=True)

    objects = IdentifierManager()
