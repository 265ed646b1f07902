"""Route the URLs about people and their agencies."""

from django.urls import path, re_path

from agencies import signing_in
from agencies.back_office.account import own_account
from agencies.own_account import views as own
from agencies.sign_in_links import views as sign_in_link
from agencies.views import colleagues, lead, people

app_name = "agencies"
urlpatterns = [
    path("welcome/", people.welcome, name="welcome"),
    path("my/jobs/", people.jobs, name="jobs"),
    path("my/name/", people.name, name="name"),
    path("my/jobs/<int:pk>/line-manager/", people.line_manager, name="line_manager"),
    path("my/jobs/<int:pk>/leave/", people.leave, name="leave"),
    path("agency/", lead.agency, name="agency"),
    path("agency/changes/", lead.changes, name="changes"),
    path("agency/staff.csv", lead.staff_as_csv, name="staff_csv"),
    path("agency/staff/add/", colleagues.add, name="add_colleague"),
    path("agency/staff/<int:pk>/address/", colleagues.give_address, name="give_address"),
    path("agency/staff/<int:pk>/left/", lead.left, name="left"),
    path("agency/managers/<int:pk>/confirm/", lead.confirm_manager, name="confirm_manager"),
    path("agency/staff/work-here/", lead.vouch, name="vouch"),
    path("agency/requests/<int:pk>/confirm/", lead.confirm, name="confirm"),
    path("agency/requests/<int:pk>/refuse/", lead.refuse, name="refuse"),
    path("accounts/link/<str:token>/", sign_in_link.sign_in, name="sign_in_link"),
    path("my/sessions/", own.open_sessions, name="sessions"),
    path("my/sessions/<int:pk>/end/", own.end_session, name="end_session"),
    path("my/sessions/end-others/", own.end_other_sessions, name="end_other_sessions"),
    path("my/sessions/left/", own.session_left, name="session_left"),
    path("my/kept-text/delete/", own.forget_kept_text, name="forget_kept_text"),
    path("accounts/check/", own.prove, name="prove"),
    path("accounts/file/", own.file_ready, name="file_ready"),
    # Before the URLs of allauth and Wagtail, which these override.
    re_path(r"^accounts/password/", signing_in.no_password),
    path("accounts/email/", own.addresses, name="addresses"),
    path("accounts/confirm-email/", own.confirm_address, name="confirm_address"),
    path("cms/login/", signing_in.to_sign_in),
    path("cms/account/", own_account),
    path("_util/login/", signing_in.to_sign_in),
]
