"""Define the home page and the standard information pages."""

from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from courses.models import Run
from lms.blocks import Body, contents
from lms.web.reserved_slugs import ReservedSlugMixin
from protocols.models import ProtocolPage


class HomePage(Page):
    """Home page with the next course dates and the latest protocols."""

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
        bookable = Run.objects.open_for_booking().filter(
            course__is_offered=True, course__page__live=True
        )
        return super().get_context(request, *args, **kwargs) | {
            "next_runs": bookable.select_related("course__page", "venue").order_by("starts_at")[:4],
            "latest_protocols": ProtocolPage.objects.for_listing().order_by(
                "-in_force_from", "title"
            )[:3],
            "about_pages": self.get_children().live().type(StandardPage).in_menu(),
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
