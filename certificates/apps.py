"""Configure the `certificates` app: permissions, append-only designs, history, search source."""

from functools import partial

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CertificatesConfig(AppConfig):
    name = "certificates"
    verbose_name = "Certificates"

    def ready(self):
        from wagtail.permissions import register_permission_policy

        from agencies.free_text import names
        from agencies.permissions import OfficePolicy, ReadOnlyPolicy
        from certificates import history_actions
        from certificates.printing.layout import why_name_unprintable
        from certificates.privacy import RULES
        from certificates.search_source import PAGES
        from history import actions
        from history.append_only import guard
        from lms.privacy.rules import privacy_rules
        from search.sources import search_sources

        actions.register(history_actions.WORDS)
        privacy_rules.register(*RULES)
        search_sources.register(PAGES)
        if why_name_unprintable not in names.PRINTERS:
            names.PRINTERS.append(why_name_unprintable)
        for name, policy in {"Certificate": ReadOnlyPolicy, "Design": OfficePolicy}.items():
            model = self.get_model(name)
            register_permission_policy(model, policy(model))
        for name in ("DesignVersion", "Picture"):
            table = self.get_model(name)._meta.db_table
            guard_it = partial(guard, table, "a design once made")
            post_migrate.connect(guard_it, sender=self, weak=False, dispatch_uid=table)
