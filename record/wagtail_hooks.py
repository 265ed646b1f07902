"""Register the telephone screen in the Wagtail admin."""

from django.urls import path
from wagtail import hooks

from record.telephone import views


@hooks.register("register_admin_urls")
def addresses():
    return [
        path("telephone/", views.FindView.as_view(), name="telephone"),
        path("telephone/<int:pk>/", views.PersonView.as_view(), name="telephone_person"),
        path("telephone/<int:pk>/book/", views.BookView.as_view(), name="telephone_book"),
        path(
            "telephone/<int:pk>/mail/<int:mail_pk>/again/",
            views.SendAgainView.as_view(),
            name="telephone_again",
        ),
        path(
            "telephone/<int:pk>/sign-in-link/",
            views.SignInLinkView.as_view(),
            name="telephone_sign_in_link",
        ),
        path("telephone/<int:pk>/correct/", views.CorrectView.as_view(), name="telephone_correct"),
    ]
