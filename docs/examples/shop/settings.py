import os
from pathlib import Path

import consent_core as cc
from attrs import evolve
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).parent
SECRET_KEY = os.environ.get("SHOP_SECRET_KEY", "only for this machine")
DEBUG = "SHOP_SECRET_KEY" not in os.environ
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "shop.example.org"]
ROOT_URLCONF = "urls"
STATIC_URL = "static/"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
INSTALLED_APPS = [
    "shop",
    "consent_core.adapters.django",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": BASE_DIR / "shop.sqlite3",
        # Tests of the store use threads, which cannot share one in memory.
        "TEST": {"NAME": BASE_DIR / "test.sqlite3"},
    },
}
TOPICS = {"offers": cc.TopicDefault.OPT_OUT, "events": cc.TopicDefault.OPT_IN}
CONSENT_CORE = {
    "POLICY": evolve(cc.Policy.strict(), topics=TOPICS),
    "TOPIC_LABELS": {"offers": _("our offers"), "events": _("events near you")},
    "LINK_BASE_URL": os.environ.get("SHOP_URL", "http://localhost:8000")
    + "/consents/",
    "LINK_KEYS": [os.environ.get("SHOP_LINK_KEY", "only for this machine" * 2)],
    "DEFAULT_REGION": "DE",
}
