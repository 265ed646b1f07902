"""Configure the `home` app: page permissions after migrations, indexing after publishing."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class HomeConfig(AppConfig):
    name = "home"
    verbose_name = "Front door"

    def ready(self):
        from wagtail.signals import page_published

        from home.home_block import AboutPages
        from home.page_roles import grant
        from home.search_keeping import after_publishing
        from lms.registries.home_blocks import home_blocks

        home_blocks.register(AboutPages())
        post_migrate.connect(grant, sender=self)
        page_published.connect(after_publishing)
