"""Let a restored copy send its email: `manage.py send_held_mail`."""

from django.core.management.base import BaseCommand, CommandError

from agencies.back_office import held_mail


class Command(BaseCommand):
    help = "Ends the holding back of a restored copy's email, once it is the site that people use."

    def handle(self, **options):
        try:
            many = held_mail.release(by="OPERATOR")
        except held_mail.HoldRefused as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(f"The worker sends {held_mail.in_words(many)} now.")
