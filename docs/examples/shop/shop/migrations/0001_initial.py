import consent_core.adapters.django.fields
import consent_core.adapters.django.keys
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Customer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "email",
                    consent_core.adapters.django.fields.EmailIdentifierField(
                        max_length=320
                    ),
                ),
                (
                    "email_key",
                    consent_core.adapters.django.keys.IdentifierKeyField(
                        "email", "EMAIL", unique=True
                    ),
                ),
            ],
        ),
    ]
