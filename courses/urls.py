"""Where are the pages of booking and of the register? The catalogue's own are Wagtail's."""

from django.urls import path

from courses import (
    agency_views,
    approval_views,
    delivery_views,
    evaluation_views,
    evidence_views,
    handout_views,
    meeting_views,
    offer_views,
    paper_views,
    pre_course_views,
    register_views,
    sent_marks_views,
    views,
)

app_name = "courses"
urlpatterns = [
    path("my/bookings/new/<int:run_id>/", views.new_booking, name="book"),
    path("my/bookings/<int:pk>/", views.one_booking, name="booking"),
    path("my/bookings/<int:pk>/cancel/", views.cancel, name="cancel"),
    path("my/bookings/<int:pk>/offer/", views.answer_offer, name="answer_offer"),
    path("my/bookings/<int:pk>/give/", views.give, name="give"),
    path("my/bookings/<int:pk>/pre-course/", pre_course_views.answer, name="pre_course"),
    path("my/bookings/<int:pk>/calendar.ics", views.add_to_calendar, name="calendar"),
    path(
        "my/bookings/<int:pk>/handouts/<int:material_pk>/", handout_views.hand_out, name="handout"
    ),
    path("my/completions/<int:pk>/certificate/", views.get_certificate, name="get_certificate"),
    path("my/training-elsewhere/", evidence_views.sent, name="training_elsewhere"),
    path("my/training-elsewhere/new/", evidence_views.send, name="send_training_elsewhere"),
    path(
        "my/training-elsewhere/<int:pk>/file/",
        evidence_views.file,
        name="training_elsewhere_file",
    ),
    path("agency/approvals/", agency_views.requests, name="agency_requests"),
    path("agency/approvals/<int:pk>/", agency_views.decide, name="agency_decide"),
    path("agency/bookings/", agency_views.bookings, name="agency_bookings"),
    path("agency/bookings/<int:pk>/cancel/", agency_views.cancel, name="agency_cancel"),
    path("agency/dates/", agency_views.dates, name="agency_dates"),
    path("agency/dates/<int:run_id>/", agency_views.book, name="agency_book"),
    path("agency/charges/", agency_views.charges, name="agency_charges"),
    path("my/evaluations/<int:pk>/", evaluation_views.answer, name="my_evaluation"),
    path("evaluation/<str:token>/", evaluation_views.answer_by_link, name="evaluation"),
    path("approvals/<str:token>/", approval_views.approval, name="approval"),
    path("offers/<str:token>/", offer_views.offer, name="offer"),
    path("cancel/<str:token>/", offer_views.cancel, name="cancel_by_link"),
    path("register/", register_views.registers, name="registers"),
    path("register/<int:run_id>/", register_views.take, name="register"),
    path("register/<int:run_id>/<int:session_id>/", register_views.take, name="register_session"),
    path(
        "register/<int:run_id>/<int:session_id>/undo/", register_views.undo, name="register_undo"
    ),
    path("register/sw.js", sent_marks_views.worker, name="register_worker"),
    path("register/<int:run_id>/sent/", sent_marks_views.sent, name="sent_marks"),
    path(
        "register/<int:run_id>/sent/<uuid:sent_id>/", sent_marks_views.choose, name="choose_mark"
    ),
    path("register/<int:run_id>/correct/", register_views.correct, name="correct"),
    path(
        "register/<int:run_id>/<int:session_id>/correct/",
        register_views.correct,
        name="correct_session",
    ),
    path("register/<int:run_id>/walk-in/", register_views.walk_in, name="walk_in"),
    path("register/<int:run_id>/sign-off/", register_views.sign_off, name="sign_off"),
    path("register/<int:run_id>/release/", register_views.release, name="release"),
    path("register/<int:run_id>/evaluation/", evaluation_views.results, name="evaluation_results"),
    path("register/<int:run_id>/pack/", delivery_views.trainers_pack, name="pack"),
    path("register/<int:run_id>/paper.pdf", paper_views.printed, name="paper"),
    path(
        "register/<int:run_id>/<int:session_id>/type/", paper_views.type_in, name="register_type"
    ),
    path("register/<int:run_id>/import/", meeting_views.bring, name="meeting_report"),
    path("register/<int:run_id>/import/match/", meeting_views.match, name="meeting_match"),
    path("register/<int:run_id>/import/mark/", meeting_views.mark, name="meeting_mark"),
    path("delivery/<str:token>/", delivery_views.answer, name="delivery"),
]
