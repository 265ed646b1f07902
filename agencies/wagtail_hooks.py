"""Register the app's views, fields and styles with the Wagtail admin."""

from django.db.models import ForeignKey
from django.templatetags.static import static
from django.urls import path
from django.utils.html import format_html
from wagtail import hooks
from wagtail.admin.forms.models import register_form_field_override
from wagtail.admin.views import chooser, workflows
from wagtail.admin.views.generic.base import BaseListingView
from wagtail.admin.views.generic.chooser import BaseChooseView
from wagtail.admin.viewsets.model import ModelViewSetGroup
from wagtail.models.reference_index import ReferenceGroups

from agencies.back_office.agencies import (
    AgencyViewSet,
    RoleGroupViewSet,
    SectorViewSet,
    SharedDomainViewSet,
)
from agencies.back_office.concern_contacts import ConcernContactsView
from agencies.back_office.double_accounts import ADDRESSES
from agencies.back_office.held_mail import HeldMailView
from agencies.back_office.jobs import PostViewSet
from agencies.back_office.listing import OfficePaginator
from agencies.back_office.outbox import MailViewSet
from agencies.back_office.recorded import setting_url
from agencies.back_office.wording import WordingViewSet
from agencies.forms import PersonField
from agencies.models import Board, ConcernContacts, Person
from lms.paging import Paginator, page_of_usage

register_form_field_override(ForeignKey, to=Person, override={"form_class": PersonField})
# In every list and chooser of the admin, Wagtail's own too, no row appears on two pages.
BaseListingView.paginator_class = BaseChooseView.paginator_class = OfficePaginator
chooser.Paginator = workflows.Paginator = Paginator
ReferenceGroups.__getitem__ = page_of_usage


class AgenciesGroup(ModelViewSetGroup):
    menu_label = "Agencies"
    menu_icon = "group"
    menu_order = 200
    items = (AgencyViewSet, PostViewSet, SectorViewSet, RoleGroupViewSet, SharedDomainViewSet)


@hooks.register("register_admin_viewset")
def register_agencies():
    return AgenciesGroup()


@hooks.register("register_admin_viewset")
def register_mail():
    return [MailViewSet(), WordingViewSet()]


@hooks.register("register_admin_urls")
def restored_copy():
    return [path("restored-copy/", HeldMailView.as_view(), name="restored_copy")]


@hooks.register("register_admin_urls")
def double_accounts():
    return ADDRESSES


@hooks.register("insert_global_admin_css")
def dress():
    return format_html(
        '<link rel="stylesheet" href="{}"><link rel="stylesheet" href="{}" media="print">',
        static("back_office/office.css"),
        static("back_office/print.css"),
    )


@hooks.register("insert_global_admin_js")
def warn_before_signing_out():
    return format_html('<script src="{}" type="module"></script>', static("build/session.js"))


@hooks.register("register_admin_urls")
def settings_pages():
    """Override Wagtail's pages of these settings: this app's URLs come before Wagtail's."""
    return [setting_url(ConcernContacts, ConcernContactsView), setting_url(Board)]
