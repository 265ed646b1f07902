"""Route URLs to the apps."""

from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from home import for_machines
from lms.web import pictures, robots, views

handler500 = "lms.web.faults.server_error"
urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("healthz/jobs", views.healthz_jobs, name="healthz_jobs"),
    path("robots.txt", robots.robots, name="robots"),
    path("sitemap.xml", for_machines.sitemap, name="sitemap"),
    path(".well-known/security.txt", for_machines.security, name="security"),
    path("dev/mail/", views.dev_mail, name="dev_mail"),
    path("dev/mail/<int:pk>/", views.dev_mail_one, name="dev_mail_one"),
    path("dev/mail/<int:pk>/html/", views.dev_mail_html, name="dev_mail_html"),
    path("", include("agencies.urls")),
    path("accounts/", include("allauth.urls")),
    path("cms/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("media/<path:path>", pictures.serve, name="picture"),
    path("", include("certificates.urls")),
    path("", include("courses.urls")),
    path("", include("elearning.urls")),
    path("", include("protocols.urls")),
    path("", include("record.urls")),
    path("", include("search.urls")),
    path("", include(wagtail_urls)),
]
