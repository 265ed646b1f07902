"""URLs of online learning."""

from django.urls import path

from elearning.authoring import views as authoring
from elearning.learning.views import check, lessons, modules
from elearning.playing import views as playing

app_name = "elearning"
urlpatterns = [
    path("learn/", modules.modules, name="modules"),
    path("learn/files/<slug:mark>/", authoring.file, name="file"),
    path("learn/<slug:code>/", modules.module, name="module"),
    path("learn/<slug:code>/begin/", modules.begin, name="begin"),
    path("learn/<slug:code>/again/", modules.begin_again, name="begin_again"),
    path("learn/<slug:code>/continue/", modules.resume, name="resume"),
    path("learn/<slug:code>/<int:number>/", lessons.item, name="item"),
    path("learn/<slug:code>/<int:number>/again/", lessons.choose_again, name="choose_again"),
    path("learn/<slug:code>/<int:number>/<int:at>/", lessons.situation, name="situation"),
    path("learn/<slug:code>/play/<int:number>/", playing.play, name="play"),
    path("learn/<slug:code>/declare/", playing.declare, name="declare"),
    path("learn/<slug:code>/check/", check.check, name="check"),
    path("learn/<slug:code>/check/<int:position>/", check.question, name="question"),
    path("learn/<slug:code>/attempts/<int:pk>/", check.attempt, name="attempt"),
]
