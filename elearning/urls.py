"""URLs of online learning."""

from django.urls import path

from elearning.learning import views

app_name = "elearning"
urlpatterns = [path("learn/<slug:code>/", views.module, name="module")]
