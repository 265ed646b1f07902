"""Register the app of personal training records, and the telephone screen in the office's menu."""

from django.apps import AppConfig


class RecordConfig(AppConfig):
    name = "record"
    verbose_name = "Records"

    def ready(self):
        from agencies import access
        from lms.registries.menu import MenuEntry, office_menu

        office = access.is_training_administrator
        office_menu.register(
            MenuEntry("telephone", "Telephone", "mobile-alt", 120, "telephone", office)
        )
