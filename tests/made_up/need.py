"""Need of a person: certificates to refresh."""

from certificates.models import Certificate
from lms.registries.base import Item
from lms.registries.needs import Need, needs


class ToRefresh(Need):
    name = "to-refresh"
    order = 35
    heading = "Refresh your training"
    is_counted = True

    def things(self, person):
        return Certificate.objects.visible_to(person).filter(holder=person).order_by("number")

    def item(self, certificate):
        return Item(certificate.title, "/courses/", f"Last certified as {certificate.number}")


def ready():
    needs.register(ToRefresh())
