"""Register the app's views, menus and panels with the Wagtail admin."""

from django.urls import path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from agencies import access
from assurance import views
from assurance.reports.views import (
    AttendanceReport,
    DaysGivenReport,
    EvaluationReport,
    FiguresPanel,
)
from assurance.this_week import ThisWeekPanel


class BoardsMenuItem(MenuItem):
    def is_shown(self, request):
        return access.is_board_member(request.user)


@hooks.register("register_admin_urls")
def addresses():
    return [
        path("reports/attendance/", AttendanceReport.as_view(), name="attendance_report"),
        path("reports/evaluation/", EvaluationReport.as_view(), name="evaluation_report"),
        path("reports/days-given/", DaysGivenReport.as_view(), name="days_given_report"),
        path(
            "reports/topics-in-training/",
            views.CoverageReport.as_view(),
            name="coverage_report",
        ),
        path(
            "reports/behind-its-protocol/",
            views.BehindReport.as_view(),
            name="behind_report",
        ),
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


@hooks.register("register_reports_menu_item")
def attendance():
    address = reverse("attendance_report")
    return BoardsMenuItem("Attendance by agency", address, icon_name="group", order=100)


@hooks.register("register_reports_menu_item")
def evaluation():
    address = reverse("evaluation_report")
    return BoardsMenuItem("Evaluation", address, icon_name="help", order=105)


class OfficesMenuItem(MenuItem):
    def is_shown(self, request):
        return access.is_training_administrator(request.user)


@hooks.register("register_reports_menu_item")
def days_given():
    address = reverse("days_given_report")
    return OfficesMenuItem("Days given by agency", address, icon_name="user", order=110)


class ProtocolsMenuItem(MenuItem):
    def is_shown(self, request):
        return views.may_read(request.user)


@hooks.register("register_reports_menu_item")
def topics_in_training():
    address = reverse("coverage_report")
    return ProtocolsMenuItem("Topics in training", address, icon_name="tag", order=106)


@hooks.register("register_reports_menu_item")
def behind_its_protocol():
    address = reverse("behind_report")
    return ProtocolsMenuItem("Behind its protocol", address, icon_name="link", order=107)


@hooks.register("construct_homepage_panels")
def beginning(request, panels):
    if access.is_training_administrator(request.user):
        panels.append(ThisWeekPanel())
    elif access.is_board_member(request.user):
        panels.append(FiguresPanel())
