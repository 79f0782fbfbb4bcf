"""Django with the project of the tests, without which its models and views cannot be imported."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.django.settings")
django.setup()
