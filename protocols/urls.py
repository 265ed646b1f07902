"""URLs of protocols that are not Wagtail pages."""

from django.urls import path, re_path

from protocols.approval import views as approval_views
from protocols.cascade import views
from protocols.editions import views as editions_views
from protocols.indicators import views as indicators_views
from protocols.readers.views import acknowledgements, alerts

app_name = "protocols"
urlpatterns = [
    path("my/drafts/", approval_views.drafts, name="drafts"),
    path("my/drafts/<int:pk>/", approval_views.draft, name="draft"),
    path("protocols/thresholds/", indicators_views.thresholds, name="thresholds"),
    path("protocols/thresholds/describe/", indicators_views.describe, name="describe"),
    path("protocols/thresholds/<int:pk>/", indicators_views.indicator, name="indicator"),
    path("protocols/alerts/", alerts.ask, name="alerts"),
    path("protocols/alerts/confirm/<str:token>/", alerts.confirm, name="confirm_alerts"),
    path("protocols/alerts/stop/<str:token>/", alerts.stop, name="stop_alerts"),
    path("my/protocols/<int:pk>/", acknowledgements.confirm_reading, name="read"),
    path("agency/protocols/", views.protocols, name="agency_protocols"),
    path("agency/protocols/<int:pk>/", views.protocol, name="agency_protocol"),
    path("agency/protocols/<int:pk>/confirm/", views.confirm, name="agency_confirm"),
    path("agency/protocols/<int:pk>/mail/", views.mail_to_staff, name="agency_mail"),
    # Of a page, wherever the office has put it.
    re_path(
        r"^(?P<path>(?:[\w-]+/)+)editions/(?P<number>[0-9]{1,9})/pdf/$",
        editions_views.pdf_at,
        name="edition_pdf",
    ),
]
