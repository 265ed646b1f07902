"""Where are the pages about people and their agencies?"""

from django.urls import path, re_path

from agencies import lead_views, signing_in, views
from agencies.back_office.account import own_account

app_name = "agencies"
urlpatterns = [
    path("welcome/", views.welcome, name="welcome"),
    path("my/jobs/", views.jobs, name="jobs"),
    path("my/name/", views.name, name="name"),
    path("my/jobs/<int:pk>/line-manager/", views.line_manager, name="line_manager"),
    path("my/jobs/<int:pk>/leave/", views.leave, name="leave"),
    path("agency/", lead_views.agency, name="agency"),
    path("agency/changes/", lead_views.changes, name="changes"),
    path("agency/staff.csv", lead_views.staff_as_csv, name="staff_csv"),
    path("agency/staff/<int:pk>/left/", lead_views.left, name="left"),
    path("agency/managers/<int:pk>/confirm/", lead_views.confirm_manager, name="confirm_manager"),
    path("agency/requests/<int:pk>/confirm/", lead_views.confirm, name="confirm"),
    path("agency/requests/<int:pk>/refuse/", lead_views.refuse, name="refuse"),
    # Before allauth's and Wagtail's own addresses, which they take the place of.
    re_path(r"^accounts/password/", signing_in.no_password),
    path("cms/login/", signing_in.to_sign_in),
    path("cms/account/", own_account),
    path("_util/login/", signing_in.to_sign_in),
]
