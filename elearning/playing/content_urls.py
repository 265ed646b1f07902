"""Route URLs of the content host; every other address there is 404."""

from django.urls import path

from elearning.playing import hosting

handler404 = "elearning.playing.hosting.not_found"
urlpatterns = [
    path("play/<str:token>/", hosting.runner, name="runner"),
    path("play/<str:token>/<str:name>", hosting.script, name="script"),
    path("p/<str:token>/commit", hosting.commit, name="commit"),
    path("p/<str:token>/<path:path>", hosting.asset, name="asset"),
]
