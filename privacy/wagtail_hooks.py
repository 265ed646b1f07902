"""Register the switches of what is erased in time with the Wagtail admin."""

from django.urls import path
from wagtail import hooks

from privacy.views import SwitchView


@hooks.register("register_admin_urls")
def addresses():
    return [
        path(
            "reports/retention/<slug:name>/switch-on/",
            SwitchView.as_view(),
            name="retention_on",
        ),
        path(
            "reports/retention/<slug:name>/switch-off/",
            SwitchView.as_view(on=False),
            name="retention_off",
        ),
    ]
