"""Entry of *This week*: agencies without a lead."""

from django.urls import reverse

from agencies.models import Agency
from lms.registries.base import Item
from lms.registries.this_week import WeekEntry, this_week


class WithoutLead(WeekEntry):
    name = "without-lead"
    order = 45
    heading = "Agencies without a lead"
    quiet = "Every agency has a lead."

    def rows(self, viewer):
        return Agency.objects.exclude(posts__is_lead=True).order_by("name")

    def item(self, agency):
        address = reverse("agency:edit", args=[agency.pk])
        return Item(agency.name, address, "Nobody confirms who works there")


def ready():
    this_week.register(WithoutLead())
