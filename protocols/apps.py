from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ProtocolsConfig(AppConfig):
    name = "protocols"
    verbose_name = "Protocols"

    def ready(self):
        from protocols.immutable import guard
        from protocols.taking_over import take_over

        post_migrate.connect(guard, sender=self)
        post_migrate.connect(take_over, sender=self)
