"""Define the home page and the standard information pages."""

from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from lms.blocks import Body, contents
from lms.registries import home_blocks
from lms.web.reserved_slugs import ReservedSlugMixin


class HomePage(Page):
    """Home page with the blocks that the rooms register, such as the next course dates."""

    hero = models.CharField("first line", max_length=140)
    introduction = models.TextField(blank=True)

    content_panels = [
        *Page.content_panels,
        FieldPanel("hero"),
        FieldPanel("introduction"),
    ]
    search_fields = [*Page.search_fields, index.SearchField("introduction")]
    max_count = 1
    parent_page_types = ["wagtailcore.Page"]
    template = "home/home.html"

    def get_context(self, request, *args, **kwargs):
        return super().get_context(request, *args, **kwargs) | {
            "main_blocks": home_blocks.on(self, home_blocks.MAIN),
            "side_blocks": home_blocks.on(self, home_blocks.SIDE),
        }


class StandardPage(ReservedSlugMixin, Page):
    """Page of information, such as the privacy notice."""

    introduction = models.TextField(blank=True)
    body = StreamField(Body(), blank=True)

    content_panels = [
        *Page.content_panels,
        FieldPanel("introduction"),
        FieldPanel("body"),
    ]
    search_fields = [
        *Page.search_fields,
        index.SearchField("introduction"),
        index.SearchField("body"),
    ]
    parent_page_types = ["home.HomePage", "home.StandardPage"]
    subpage_types = ["home.StandardPage"]
    template = "home/standard.html"

    def get_context(self, request, *args, **kwargs):
        return super().get_context(request, *args, **kwargs) | {"contents": contents(self.body)}
