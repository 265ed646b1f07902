"""Where does each address lead?"""

from django.urls import include, path
from django.views.decorators.cache import never_cache
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.admin.auth import require_admin_access
from wagtail.documents import urls as wagtaildocs_urls

from lms import uploads, views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("dev/mail/", views.dev_mail, name="dev_mail"),
    path("dev/mail/<int:pk>/", views.dev_mail_one, name="dev_mail_one"),
    path("dev/mail/<int:pk>/html/", views.dev_mail_html, name="dev_mail_html"),
    path("", include("agencies.urls")),
    path("accounts/", include("allauth.urls")),
    path("cms/account/", never_cache(require_admin_access(uploads.AccountView.as_view()))),
    path("cms/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("", include("certificates.urls")),
    path("", include("courses.urls")),
    path("", include("record.urls")),
    path("", include(wagtail_urls)),
]
