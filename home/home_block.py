"""Link the pages about the board from the home page."""

from home.models import StandardPage
from lms.registries.base import Item
from lms.registries.home_blocks import HomeBlock


class AboutPages(HomeBlock):
    name = "about"
    order = 20
    heading = "About the board"

    def rows(self, page):
        return page.get_children().live().type(StandardPage).in_menu()

    def item(self, about):
        return Item(about.title, about.url)
