"""The three tables."""

from django.db import migrations, models

import consent_core.adapters.django.columns


class Migration(migrations.Migration):
    """Creates them."""

    initial = True

    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "site",
                    consent_core.adapters.django.columns.ExactTextField(
                        editable=False, max_length=100
                    ),
                ),
                ("event_id", models.UUIDField(editable=False)),
                ("consent_id", models.UUIDField(editable=False)),
                ("sequence", models.BigIntegerField(editable=False)),
                (
                    "kind",
                    consent_core.adapters.django.columns.WordField(editable=False, max_length=32),
                ),
                ("occurred_at", consent_core.adapters.django.columns.MomentField(editable=False)),
                ("published", models.BooleanField(default=False, editable=False)),
                ("document", models.TextField(editable=False, null=True)),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("published", False)),
                        fields=["site", "occurred_at", "consent_id", "sequence"],
                        name="consent_core_unpublished",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("site", "event_id"), name="consent_core_event_id"
                    ),
                    models.UniqueConstraint(
                        fields=("site", "consent_id", "sequence"),
                        name="consent_core_event_sequence",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Record",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_date", consent_core.adapters.django.columns.MomentField(editable=False)),
                ("updated_date", consent_core.adapters.django.columns.MomentField(editable=False)),
                (
                    "state",
                    consent_core.adapters.django.columns.WordField(editable=False, max_length=32),
                ),
                (
                    "confirmed_date",
                    consent_core.adapters.django.columns.MomentField(editable=False, null=True),
                ),
                (
                    "revoked_date",
                    consent_core.adapters.django.columns.MomentField(editable=False, null=True),
                ),
                ("unreachable", models.BooleanField(editable=False)),
                (
                    "last_bounce_date",
                    consent_core.adapters.django.columns.MomentField(editable=False, null=True),
                ),
                ("doubly_confirmed", models.BooleanField(editable=False)),
                ("left_topics", consent_core.adapters.django.columns.NamesField(editable=False)),
                ("chosen_topics", consent_core.adapters.django.columns.NamesField(editable=False)),
                (
                    "site",
                    consent_core.adapters.django.columns.ExactTextField(
                        editable=False, max_length=100
                    ),
                ),
                (
                    "channel",
                    consent_core.adapters.django.columns.WordField(editable=False, max_length=32),
                ),
                (
                    "key",
                    consent_core.adapters.django.columns.ExactTextField(
                        editable=False, max_length=640
                    ),
                ),
                ("consent_id", models.UUIDField(editable=False)),
                ("revision", models.BigIntegerField(editable=False)),
                ("document", models.TextField(editable=False)),
            ],
            options={
                "verbose_name": "consent",
                "verbose_name_plural": "consents",
                "permissions": (
                    (
                        "view_personal_data",
                        "Can see whom consents are about, and descriptions of evidence",
                    ),
                    ("record_opt_out", "Can record that a person has opted out"),
                ),
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        fields=["site", "state", "channel", "consent_id"],
                        name="consent_core_audience",
                    ),
                    models.Index(
                        fields=["site", "created_date", "consent_id"], name="consent_core_created"
                    ),
                    models.Index(
                        fields=["site", "updated_date", "consent_id"], name="consent_core_updated"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("site", "channel", "key"), name="consent_core_record_key"
                    ),
                    models.UniqueConstraint(
                        fields=("site", "consent_id"), name="consent_core_record_id"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TombstoneRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "revoked_date",
                    consent_core.adapters.django.columns.MomentField(editable=False, null=True),
                ),
                (
                    "revoked_by",
                    consent_core.adapters.django.columns.WordField(editable=False, max_length=32),
                ),
                (
                    "subject_revoked_date",
                    consent_core.adapters.django.columns.MomentField(editable=False, null=True),
                ),
                ("topics", consent_core.adapters.django.columns.TopicsField(editable=False)),
                (
                    "site",
                    consent_core.adapters.django.columns.ExactTextField(
                        editable=False, max_length=100
                    ),
                ),
                (
                    "digest",
                    consent_core.adapters.django.columns.ExactTextField(
                        editable=False, max_length=64
                    ),
                ),
                (
                    "key_number",
                    consent_core.adapters.django.columns.ExactTextField(
                        editable=False, max_length=8
                    ),
                ),
            ],
            options={
                "db_table": "consent_core_tombstone",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("site", "digest"), name="consent_core_tombstone_digest"
                    )
                ],
            },
        ),
    ]
