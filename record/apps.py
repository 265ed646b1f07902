"""Register the app of training records: what needs its owner, and the telephone screen."""

from django.apps import AppConfig


class RecordConfig(AppConfig):
    name = "record"
    verbose_name = "Records"

    def ready(self):
        from agencies import access
        from history import actions
        from lms.registries.menu import MenuEntry, office_menu
        from lms.registries.needs import needs
        from record import history_actions
        from record.needs import Evaluations, Offers

        actions.register(history_actions.WORDS)
        office = access.is_training_administrator
        office_menu.register(
            MenuEntry("telephone", "Telephone", "mobile-alt", 120, "telephone", office)
        )
        needs.register(Offers(), Evaluations())
