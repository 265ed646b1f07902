"""Route the URLs of the site search."""

from django.urls import path

from home import views

app_name = "home"
urlpatterns = [path("search/", views.search, name="search")]
