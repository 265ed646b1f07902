"""Create a system administrator who can sign in: instead of Django's, which asks for a password."""

import datetime as dt
import os
import sys

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

import history
from agencies import accounts
from agencies.free_text import names
from agencies.models import Person
from lms import links

GOOD_FOR = dt.timedelta(minutes=60)


class Command(BaseCommand):
    help = "Create a system administrator, and print a link that signs them in once."

    def add_arguments(self, parser):
        parser.add_argument("--email", default=os.environ.get("DJANGO_SUPERUSER_EMAIL"))
        parser.add_argument("--name", default=os.environ.get("DJANGO_SUPERUSER_NAME"))
        parser.add_argument("--noinput", "--no-input", action="store_false", dest="interactive")

    def handle(self, *args, email, name, interactive, **options):
        if interactive and not (email and name) and not sys.stdin.isatty():
            raise CommandError("Give --email and --name, or run this in a terminal.")
        if interactive:
            email, name = email or input("Email address: "), name or input("Full name: ")
        person, token = create(checked_address(email), checked_name(name))
        link = settings.SITE_URL + reverse("agencies:sign_in_link", args=[token])
        self.stdout.write(
            f"{person.name} is a system administrator now. They sign in at "
            f"{settings.SITE_URL}{reverse('account_login')} with a code that is emailed to "
            f"{person.email}; there is no password.\n\n"
            f"The first time this link does so without email, once within 60 minutes:\n{link}\n\n"
            "The back office asks them to set up an authenticator app first."
        )


def checked_address(email):
    email = (email or "").strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise CommandError("Give an email address, such as office@board.example.org") from None
    if Person.objects.with_address(email).exists():
        raise CommandError("Somebody has this address already.")
    return email


def checked_name(name):
    name = names.tidy(name or "")
    try:
        names.check_person(name)
    except ValidationError as wrong:
        raise CommandError(" ".join(wrong.messages)) from None
    if not name:
        raise CommandError("Give a full name.")
    return name


@transaction.atomic
def create(email, name):
    """Create the account, whose address whoever runs this answers for, and its link."""
    person = Person.objects.create_superuser(email, name=name)
    EmailAddress.objects.create(user=person, email=email, primary=True, verified=True)
    history.record("person.added", person, by="CREATESUPERUSER", now={"is_superuser": True})
    until = timezone.now() + GOOD_FOR
    token = links.create(accounts.SIGN_IN_LINK, person, sent_to=email, until=until)
    return person, token
