"""URLs of booking, approvals, evaluation and the register; the catalogue's are Wagtail pages."""

from django.urls import path

from courses.attendance.imports import views as imports_views
from courses.attendance.views import counting, offline, paper, register
from courses.booking.views import agency, approvals, job, offers, own
from courses.completion.views import evidence, materials
from courses.evaluation.views import evaluation, pre_course
from courses.scheduling import views

app_name = "courses"
urlpatterns = [
    path("my/bookings/new/<int:run_id>/", own.new_booking, name="book"),
    path("my/bookings/<int:pk>/", own.one_booking, name="booking"),
    path("my/bookings/<int:pk>/cancel/", own.cancel, name="cancel"),
    path("my/bookings/<int:pk>/offer/", own.answer_offer, name="answer_offer"),
    path("my/bookings/<int:pk>/give/", own.give, name="give"),
    path("my/bookings/<int:pk>/pre-course/", pre_course.answer, name="pre_course"),
    path("my/bookings/<int:pk>/job/", job.change, name="booking_job"),
    path("my/bookings/<int:pk>/calendar.ics", own.add_to_calendar, name="calendar"),
    path("my/bookings/<int:pk>/handouts/<int:material_pk>/", materials.hand_out, name="handout"),
    path("my/completions/<int:pk>/certificate/", own.get_certificate, name="get_certificate"),
    path("my/training-elsewhere/", evidence.sent, name="training_elsewhere"),
    path("my/training-elsewhere/new/", evidence.send, name="send_training_elsewhere"),
    path(
        "my/training-elsewhere/<int:pk>/file/",
        evidence.file,
        name="training_elsewhere_file",
    ),
    path("agency/approvals/", agency.requests, name="agency_requests"),
    path("agency/approvals/<int:pk>/", agency.decide, name="agency_decide"),
    path("agency/bookings/", agency.bookings, name="agency_bookings"),
    path("agency/bookings/<int:pk>/cancel/", agency.cancel, name="agency_cancel"),
    path("agency/dates/", agency.dates, name="agency_dates"),
    path("agency/dates/<int:run_id>/", agency.book, name="agency_book"),
    path("agency/charges/", agency.charges, name="agency_charges"),
    path("my/evaluations/<int:pk>/", evaluation.answer, name="my_evaluation"),
    path("evaluation/<str:token>/", evaluation.answer_by_link, name="evaluation"),
    path("approvals/<str:token>/", approvals.approval, name="approval"),
    path("offers/<str:token>/", offers.offer, name="offer"),
    path("cancel/<str:token>/", offers.cancel, name="cancel_by_link"),
    path("register/", register.registers, name="registers"),
    path("register/<int:run_id>/", register.take, name="register"),
    path("register/<int:run_id>/<int:session_id>/", register.take, name="register_session"),
    path("register/<int:run_id>/<int:session_id>/undo/", register.undo, name="register_undo"),
    path("register/sw.js", offline.worker, name="register_worker"),
    path("register/<int:run_id>/sent/", offline.sent, name="sent_marks"),
    path("register/<int:run_id>/sent/<uuid:sent_id>/", offline.choose, name="choose_mark"),
    path("register/<int:run_id>/correct/", register.correct, name="correct"),
    path(
        "register/<int:run_id>/<int:session_id>/correct/",
        register.correct,
        name="correct_session",
    ),
    path("register/<int:run_id>/walk-in/", register.walk_in, name="walk_in"),
    path(
        "register/<int:run_id>/walk-in/no-email/",
        register.walk_in_without_address,
        name="walk_in_without_address",
    ),
    path("register/<int:run_id>/sign-off/", register.sign_off, name="sign_off"),
    path(
        "register/<int:run_id>/complete/<int:booking_id>/",
        counting.count_complete,
        name="count_complete",
    ),
    path("register/<int:run_id>/release/", register.release, name="release"),
    path("register/<int:run_id>/evaluation/", evaluation.results, name="evaluation_results"),
    path("register/<int:run_id>/pack/", views.trainers_pack, name="pack"),
    path("register/<int:run_id>/paper.pdf", paper.printed, name="paper"),
    path("register/<int:run_id>/<int:session_id>/type/", paper.type_in, name="register_type"),
    path("register/<int:run_id>/import/", imports_views.bring, name="meeting_report"),
    path("register/<int:run_id>/import/match/", imports_views.match, name="meeting_match"),
    path("register/<int:run_id>/import/mark/", imports_views.mark, name="meeting_mark"),
    path("delivery/<str:token>/", views.answer, name="delivery"),
]
