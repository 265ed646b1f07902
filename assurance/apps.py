"""Configure the `assurance` app: its reports and what it tells the office each week."""

from django.apps import AppConfig


class AssuranceConfig(AppConfig):
    name = "assurance"
    verbose_name = "Assurance"

    def ready(self):
        from assurance import history_actions
        from assurance.reports.views import AttendanceReport, DaysGivenReport, EvaluationReport
        from assurance.this_week import FailedJobs, StoredFiles
        from assurance.views import BehindReport, CoverageReport
        from history import actions
        from lms.registries.reports import reports
        from lms.registries.this_week import this_week

        actions.register(history_actions.WORDS)
        reports.register(
            AttendanceReport, EvaluationReport, CoverageReport, BehindReport, DaysGivenReport
        )
        this_week.register(FailedJobs(), StoredFiles())
