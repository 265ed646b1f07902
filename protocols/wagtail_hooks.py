"""Register protocols in Wagtail's admin: buttons, URLs and viewsets."""

from django.http import Http404
from django.urls import path, reverse
from wagtail import hooks
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.admin.viewsets.model import ModelViewSetGroup
from wagtail.admin.widgets.button import Button
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import EditView, SnippetViewSet

from agencies import access
from agencies.back_office.overtaken import OvertakenMixin
from agencies.back_office.recorded import RecordedForm, setting_url
from lms.web import pictures
from protocols.back_office import (
    cascade,
    editions,
    workflow_admin,
)
from protocols.back_office import (
    drafts as back_office_drafts,
)
from protocols.back_office.indicators import (
    AgeGroupViewSet,
    AssessmentDomainViewSet,
    IndicatorViewSet,
    TierViewSet,
)
from protocols.drafts import secrecy
from protocols.models import ProtocolPage, ProtocolPolicy, Topic


class TopicEditView(OvertakenMixin, EditView):
    """Wagtail's page of a topic, which refuses a save that another has overtaken."""


class TopicViewSet(SnippetViewSet):
    model = Topic
    edit_view_class = TopicEditView
    icon = "tag"
    menu_label = "Topics"
    menu_name = "topics"
    add_to_admin_menu = True
    menu_order = 320
    list_display = ["name", "parent"]
    search_fields = ["name"]
    edit_handler = ObjectList(
        [FieldPanel("name"), FieldPanel("slug"), FieldPanel("parent")], base_form_class=RecordedForm
    )

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


@hooks.register("register_admin_viewset")
def register_pages():
    return workflow_admin.ProtocolPageViewSet()


@hooks.register("register_admin_urls")
def cascade_addresses():
    return [
        path("cascade/", cascade.Board.as_view(), name="cascade"),
        path(
            "cascade/<int:pk>/",
            cascade.CascadeOfEdition.as_view(),
            name="cascade_of_edition",
        ),
        path("cascade/<int:pk>/send/", cascade.Send.as_view(), name="cascade_send"),
        path("cascade/name/<int:pk>/", cascade.NameSomebody.as_view(), name="cascade_name"),
        path("cascade/stop/<int:pk>/", cascade.StopChasing.as_view(), name="cascade_stop"),
        path("cascade/again/<int:pk>/", cascade.AskAgain.as_view(), name="cascade_again"),
        path("cascade/remind/<int:pk>/", cascade.Remind.as_view(), name="cascade_remind"),
    ]


@hooks.register("register_page_header_buttons")
def send_to_agencies(page, user, view_name, next_url=None):
    if access.is_protocol_editor(user) and (edition := cascade.edition_to_send(page)):
        yield Button(
            "Send to agencies",
            reverse("cascade_send", args=[edition.pk]),
            icon_name="mail",
            priority=12,
        )


@hooks.register("register_admin_urls")
def addresses():
    return [*editions.ADDRESSES, *back_office_drafts.ADDRESSES, setting_url(ProtocolPolicy)]


@hooks.register("register_page_header_buttons")
def versions_button(page, user, view_name, next_url=None):
    if isinstance(page.specific_deferred, ProtocolPage) and access.is_protocol_editor(user):
        address = reverse("protocol_versions", args=[page.pk])
        yield Button("Versions", address, icon_name="history", priority=80)


@hooks.register("construct_page_action_menu")
def buttons_of_a_draft(menu_items, request, context):
    workflow_admin.customise_action_menu(menu_items, context)


@hooks.register("after_create_page")
@hooks.register("after_edit_page")
def after_a_press(request, page):
    workflow_admin.announce_next_step(request, page)


@hooks.register("construct_page_chooser_queryset")
def drafts_are_not_chosen_by_others(pages, request):
    """Hide pages with draft titles from users who may not see drafts.

    Wagtail's chooser lists a page by the title of its draft.
    """
    if access.works_on_drafts(request.user):
        return pages
    return pages.exclude(pk__in=list(secrecy.secret_drafts().values_list("pk", flat=True)))


@hooks.register("before_serve_document")
@hooks.register(pictures.BEFORE_SERVING)
def files_of_drafts_are_for_the_office(file, request):
    """Refuse to strangers a document or picture of drafts alone: its address is easily guessed."""
    is_office = access.may_enter_back_office(request.user)
    if not is_office and secrecy.is_secret_from(request.user, file):
        raise Http404


@hooks.register("construct_reports_menu")
def titles_of_drafts_are_in_no_report_of_others(request, items):
    if not access.works_on_drafts(request.user):
        items[:] = [item for item in items if item.name != "page-types-usage"]
