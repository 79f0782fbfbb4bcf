"""The tables of the shop."""

from django.db import migrations, models

import consent_core.adapters.django.fields
import consent_core.adapters.django.keys


class Migration(migrations.Migration):
    """Creates them."""

    initial = True

    operations = [
        migrations.CreateModel(
            name="Customer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=50)),
                ("email", consent_core.adapters.django.fields.EmailIdentifierField(max_length=320)),
                (
                    "email_key",
                    consent_core.adapters.django.keys.IdentifierKeyField(
                        "email", "EMAIL", unique=True
                    ),
                ),
                (
                    "phone",
                    consent_core.adapters.django.fields.PhoneIdentifierField(
                        blank=True, max_length=320, region="DE"
                    ),
                ),
                (
                    "phone_key",
                    consent_core.adapters.django.keys.IdentifierKeyField(
                        "phone", "PHONE", db_index=True
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Subscriber",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.CharField(max_length=200)),
                (
                    "email_key",
                    consent_core.adapters.django.keys.IdentifierKeyField(
                        "email", "EMAIL", db_index=True
                    ),
                ),
                ("work", models.CharField(blank=True, max_length=200)),
                (
                    "work_key",
                    consent_core.adapters.django.keys.IdentifierKeyField(
                        "work", "EMAIL", db_index=True
                    ),
                ),
            ],
        ),
    ]
