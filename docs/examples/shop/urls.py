from django.contrib import admin
from django.urls import include, path
from shop.views import sign_up, sign_up_by_script

urlpatterns = [
    path("", sign_up),
    path("api/sign-up/", sign_up_by_script),
    path("consents/", include("consent_core.adapters.django.urls")),
    path("admin/", admin.site.urls),
]
