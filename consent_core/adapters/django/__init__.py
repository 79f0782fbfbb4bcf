"""Consents in a Django project (extra ``django``): an app to install, Django 4.2 and later.

Put ``"consent_core.adapters.django"`` into ``INSTALLED_APPS`` and run ``manage.py migrate``. Like
Django's own packages, this one is used by its modules.
"""

try:
    import django  # noqa: F401  # what is missing is named here, and not by a module of the app
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"{__name__} needs {error.name}: pip install 'consent_core[django]'", name=error.name
    ) from error
