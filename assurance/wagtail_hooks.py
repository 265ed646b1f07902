"""What of assurance is in the back office? Registration only."""

from django.urls import path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from agencies import access
from assurance.this_week import ThisWeekPanel
from assurance.views import AttendanceReport, DaysGivenReport, EvaluationReport, FiguresPanel


class BoardsMenuItem(MenuItem):
    def is_shown(self, request):
        return access.is_board_member(request.user)


@hooks.register("register_admin_urls")
def addresses():
    return [
        path("reports/attendance/", AttendanceReport.as_view(), name="attendance_report"),
        path("reports/evaluation/", EvaluationReport.as_view(), name="evaluation_report"),
        path("reports/days-given/", DaysGivenReport.as_view(), name="days_given_report"),
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


@hooks.register("construct_homepage_panels")
def beginning(request, panels):
    if access.is_training_administrator(request.user):
        panels.append(ThisWeekPanel())
    elif access.is_board_member(request.user):
        panels.append(FiguresPanel())
