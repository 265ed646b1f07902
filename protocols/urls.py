"""Where are the pages about protocols that are not Wagtail's own?"""

from django.urls import path

from protocols import draft_views, thresholds_views

app_name = "protocols"
urlpatterns = [
    path("my/drafts/", draft_views.drafts, name="drafts"),
    path("my/drafts/<int:pk>/", draft_views.draft, name="draft"),
    path("protocols/thresholds/", thresholds_views.thresholds, name="thresholds"),
    path("protocols/thresholds/describe/", thresholds_views.describe, name="describe"),
    path("protocols/thresholds/<int:pk>/", thresholds_views.indicator, name="indicator"),
]
