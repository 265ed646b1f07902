from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "certificates"
    verbose_name = "Certificates"

    def ready(self):
        from wagtail.permissions import register_permission_policy

        from agencies.back_office.policy import ReadingPolicy

        certificate = self.get_model("Certificate")
        register_permission_policy(certificate, ReadingPolicy(certificate))
