"""URLs to verify, view and download certificates."""

from django.urls import path

from certificates import views

app_name = "certificates"
urlpatterns = [
    path("certificates/verify/", views.check, name="check"),
    path("certificates/verify/<str:code>/", views.verify, name="verify"),
    path("my/certificates/<str:number>.pdf", views.download, name="download"),
    path("my/certificates/<str:number>/", views.mine, name="mine"),
]
