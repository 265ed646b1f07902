"""Where does the back office find what protocols are about?"""

from wagtail import hooks
from wagtail.admin.panels import FieldPanel
from wagtail.admin.viewsets.model import ModelViewSetGroup
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from protocols.models import Topic
from protocols.thresholds_office import (
    AgeGroupViewSet,
    AssessmentDomainViewSet,
    IndicatorViewSet,
    TierViewSet,
)


class TopicViewSet(SnippetViewSet):
    model = Topic
    icon = "tag"
    menu_label = "Topics"
    menu_name = "topics"
    add_to_admin_menu = True
    menu_order = 320
    list_display = ["name", "parent"]
    search_fields = ["name"]
    panels = [FieldPanel("name"), FieldPanel("slug"), FieldPanel("parent")]

    def get_queryset(self, request):
        return Topic.objects.select_related("parent")


register_snippet(TopicViewSet)


class ThresholdsGroup(ModelViewSetGroup):
    menu_label = "Thresholds"
    menu_icon = "list-ul"
    menu_order = 310
    items = (IndicatorViewSet, TierViewSet, AssessmentDomainViewSet, AgeGroupViewSet)


@hooks.register("register_admin_viewset")
def register_thresholds():
    return ThresholdsGroup()
