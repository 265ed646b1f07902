"""URLs of online learning."""

from django.urls import path

from elearning.authoring import views as authoring
from elearning.learning import views

app_name = "elearning"
urlpatterns = [
    path("learn/files/<slug:mark>/", authoring.file, name="file"),
    path("learn/<slug:code>/", views.module, name="module"),
]
