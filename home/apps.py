from django.apps import AppConfig
from django.db.models.signals import post_migrate


class HomeConfig(AppConfig):
    name = "home"
    verbose_name = "Front door"

    def ready(self):
        from home.page_roles import grant

        post_migrate.connect(grant, sender=self)
