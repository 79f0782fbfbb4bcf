"""The project of the tests. Databases are added by fixtures, for each has a place of its own."""

SECRET_KEY = "of these tests"  # noqa: S105  # there is nothing to keep secret
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "consent_core.adapters.django",
    "tests.django.shop",
]
DATABASES: dict[str, object] = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
}
USE_TZ = True
ALLOWED_HOSTS = ["testserver"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
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
            ]
        },
    }
]
ROOT_URLCONF = "tests.django.urls"
CONSENT_CORE = {
    "LINK_BASE_URL": "https://shop.example.org/consents/",
    "LINK_KEYS": ["k" * 32],
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
