"""Configure the `home` app: page permissions after migrations, and its search source."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class HomeConfig(AppConfig):
    name = "home"
    verbose_name = "Front door"

    def ready(self):
        from history import actions
        from home import history_actions
        from home.home_block import AboutPages
        from home.page_roles import grant
        from home.privacy import RULES
        from home.search_source import StandingPages
        from lms.privacy.rules import privacy_rules
        from lms.registries.home_blocks import home_blocks
        from search.sources import search_sources

        actions.register(history_actions.WORDS)
        privacy_rules.register(*RULES)
        search_sources.register(StandingPages())
        home_blocks.register(AboutPages())
        post_migrate.connect(grant, sender=self)
