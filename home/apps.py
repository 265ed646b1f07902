"""Configure the `home` app: page permissions after migrations, and its search source."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class HomeConfig(AppConfig):
    name = "home"
    verbose_name = "Front door"

    def ready(self):
        from home.page_roles import grant
        from home.search_source import StandingPages
        from search import sources

        sources.register(StandingPages())
        post_migrate.connect(grant, sender=self)
