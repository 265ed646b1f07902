"""Show the newest editions on the home page."""

from lms.registries.home_blocks import HomeBlock
from protocols.models import ProtocolPage


class LatestProtocols(HomeBlock):
    name = "latest-protocols"
    order = 10
    template_name = "protocols/_latest.html"

    def rows(self, page):
        return ProtocolPage.objects.for_listing().order_by("-in_force_from", "title")[:3]
