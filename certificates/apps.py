"""Register permission policies for certificates, and the triggers that make designs append-only."""

from functools import partial

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CertificatesConfig(AppConfig):
    name = "certificates"
    verbose_name = "Certificates"

    def ready(self):
        from wagtail.permissions import register_permission_policy

        from agencies.permissions import OfficePolicy, ReadOnlyPolicy
        from history.append_only import guard

        for name, policy in {"Certificate": ReadOnlyPolicy, "Design": OfficePolicy}.items():
            model = self.get_model(name)
            register_permission_policy(model, policy(model))
        for name in ("DesignVersion", "Picture"):
            table = self.get_model(name)._meta.db_table
            guard_it = partial(guard, table, "a design once made")
            post_migrate.connect(guard_it, sender=self, weak=False, dispatch_uid=table)
