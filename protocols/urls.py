"""Where are the pages about protocols that are not Wagtail's own?"""

from django.urls import path

from protocols import (
    agency_views,
    alert_views,
    draft_views,
    reading_views,
    thresholds_views,
)

app_name = "protocols"
urlpatterns = [
    path("my/drafts/", draft_views.drafts, name="drafts"),
    path("my/drafts/<int:pk>/", draft_views.draft, name="draft"),
    path("protocols/thresholds/", thresholds_views.thresholds, name="thresholds"),
    path("protocols/thresholds/describe/", thresholds_views.describe, name="describe"),
    path("protocols/thresholds/<int:pk>/", thresholds_views.indicator, name="indicator"),
    path("protocols/alerts/", alert_views.ask, name="alerts"),
    path("protocols/alerts/confirm/<str:token>/", alert_views.confirm, name="confirm_alerts"),
    path("protocols/alerts/stop/<str:token>/", alert_views.stop, name="stop_alerts"),
    path("my/protocols/<int:pk>/", reading_views.read, name="read"),
    path("agency/protocols/", agency_views.protocols, name="agency_protocols"),
    path("agency/protocols/<int:pk>/", agency_views.protocol, name="agency_protocol"),
    path("agency/protocols/<int:pk>/confirm/", agency_views.confirm, name="agency_confirm"),
    path("agency/protocols/<int:pk>/mail/", agency_views.mail_to_staff, name="agency_mail"),
]
