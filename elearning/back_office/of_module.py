"""Base of the back-office pages about one module or one of its versions."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.urls import reverse
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.permissions import policy_registry

from elearning.models import Module


def refuse_others(user, action="change"):
    """Raise PermissionDenied for whoever may not do this to modules, as Wagtail does."""
    if not policy_registry.get_by_type(Module).user_has_permission(user, action):
        raise PermissionDenied


class OfModule(WagtailAdminTemplateMixin):
    """Page about the module that its address names, for training administrators."""

    model = None
    header_icon = "desktop"

    def dispatch(self, request, *args, **kwargs):
        refuse_others(request.user)
        self.module = self.find(kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    @property
    def page_subtitle(self):
        return self.module.title

    def find(self, pk):
        return get_object_or_404(Module.objects.select_related("checked_against"), pk=pk)

    def get_breadcrumbs_items(self):
        modules = {"url": reverse("module:index"), "label": "Online modules"}
        edit = {"url": reverse("module:edit", args=[self.module.pk]), "label": self.module.title}
        return [*self.breadcrumbs_items, modules, edit, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs):
        return super().get_context_data(module=self.module, **kwargs)
