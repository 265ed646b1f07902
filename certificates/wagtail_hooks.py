"""Register certificates and designs in the Wagtail admin."""

from wagtail import hooks

from certificates.back_office.certificates import CertificateViewSet
from certificates.back_office.designs import DesignViewSet


@hooks.register("register_admin_viewset")
def register_certificates():
    return [CertificateViewSet(), DesignViewSet()]
