"""Register the app of training records: what needs its owner, and the telephone screen."""

from django.apps import AppConfig


class RecordConfig(AppConfig):
    name = "record"
    verbose_name = "Records"

    def ready(self):
        from agencies import access
        from lms.registries.menu import MenuEntry, office_menu
        from lms.registries.needs import needs
        from record.needs import Evaluations, Offers

        office = access.is_training_administrator
        office_menu.register(
            MenuEntry("telephone", "Telephone", "mobile-alt", 120, "telephone", office)
        )
        needs.register(Offers(), Evaluations())
