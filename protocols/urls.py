"""Where are the pages about protocols that are not Wagtail's own?"""

from django.urls import path

from protocols import thresholds_views

app_name = "protocols"
urlpatterns = [
    path("protocols/thresholds/", thresholds_views.thresholds, name="thresholds"),
    path("protocols/thresholds/describe/", thresholds_views.describe, name="describe"),
    path("protocols/thresholds/<int:pk>/", thresholds_views.indicator, name="indicator"),
]
