"""Block of the home page: sectors that take part."""

from agencies.models import Sector
from lms.registries.base import Item
from lms.registries.home_blocks import HomeBlock, home_blocks


class Sectors(HomeBlock):
    name = "sectors"
    order = 15
    heading = "Who takes part"

    def rows(self, page):
        return Sector.objects.all()

    def item(self, sector):
        return Item(sector.name, "/about/")


def ready():
    home_blocks.register(Sectors())
