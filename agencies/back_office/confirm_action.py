"""Confirm-then-act views: a page asks, and its button calls a domain function."""

from django import forms
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin

from lms.refused import Refused


class NoQuestion(forms.Form):
    """Form without fields, for actions that only need confirming."""


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Reason", max_length=240, strip=True)


class ConfirmActionView(WagtailAdminTemplateMixin, FormView):
    """Page that asks and whose button acts; a refusal is shown on the page."""

    template_name = "agencies/back_office/ask.html"
    form_class: type[forms.Form] = NoQuestion
    button = ""

    @property
    def page_title(self):
        return self.button

    def question(self):
        """Return what will happen, in a sentence or two."""
        raise NotImplementedError

    def is_possible(self):
        """Return whether there is anything to press; else the page only says why not."""
        return True

    def perform(self, **answers):
        """Perform the action by calling its domain function."""
        raise NotImplementedError

    def success_message(self):
        """Return the success message."""
        raise NotImplementedError

    def form_valid(self, form):
        try:
            self.perform(**form.cleaned_data)
        except Refused as refused:
            form.add_error(None, str(refused))
            return self.form_invalid(form)
        messages.success(self.request, self.success_message())
        return redirect(self.get_success_url())

    def get_breadcrumbs_items(self):
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            question=self.question(),
            button=self.button,
            back=self.get_success_url(),
            is_possible=self.is_possible(),
            **kwargs,
        )


class AskView(PermissionCheckedMixin, ConfirmActionView):
    """Confirm an action on one object that the viewer may see, found by primary key."""

    model = None
    index_url_name = inspect_url_name = None
    permission_required = "view"

    def dispatch(self, request, *args, **kwargs):
        if self.user_has_permission(self.permission_required):
            self.object = get_object_or_404(self.get_queryset(), pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self):
        return self.model.objects.visible_to(self.request.user)

    def get_success_url(self):
        return reverse(self.inspect_url_name, args=[self.object.pk])

    def get_breadcrumbs_items(self):
        *before, this = super().get_breadcrumbs_items()
        plural = capfirst(self.model._meta.verbose_name_plural)
        index = {"url": reverse(self.index_url_name), "label": plural}
        its_page = {"url": self.get_success_url(), "label": str(self.object)}
        return [*before, index, its_page, this]
