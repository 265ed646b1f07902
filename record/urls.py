"""Where is one person's record?"""

from django.urls import path

from record import views

app_name = "record"
urlpatterns = [
    path("my/", views.my_learning, name="my_learning"),
]
