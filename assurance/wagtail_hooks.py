"""Register the app's views and panels with the Wagtail admin."""

from django.urls import path
from wagtail import hooks

from agencies import access
from assurance import views
from assurance.reports.views import FiguresPanel
from assurance.this_week import ThisWeekPanel


@hooks.register("register_admin_urls")
def addresses():
    return [
        path(
            "reports/behind-its-protocol/<int:pk>/",
            views.BehindOne.as_view(),
            name="behind_one",
        ),
        path(
            "reports/behind-its-protocol/<int:pk>/checked/<int:course>/",
            views.Check.as_view(),
            name="behind_checked",
        ),
        path(
            "reports/behind-its-protocol/<int:pk>/briefing/",
            views.Briefing.as_view(),
            name="behind_briefing",
        ),
    ]


@hooks.register("construct_homepage_panels")
def beginning(request, panels):
    if access.is_training_administrator(request.user):
        panels.append(ThisWeekPanel())
    elif access.is_board_member(request.user):
        panels.append(FiguresPanel())
