"""How does a button of the back office ask first, and then call its verb?"""

from django import forms
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin


class NoQuestion(forms.Form):
    """Nothing to fill in but the button."""


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Reason", max_length=240, strip=True)


class AskView(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):
    """A page that asks, a button that posts, a verb; what it refuses is said on the page."""

    model = None
    index_url_name = inspect_url_name = None
    permission_required = "view"
    template_name = "agencies/cms/ask.html"
    form_class = NoQuestion
    refusal: type[Exception] = Exception
    button = ""
    header_icon = ""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.page_title = self.button

    def dispatch(self, request, *args, **kwargs):
        if self.user_has_permission(self.permission_required):
            self.object = get_object_or_404(self.get_queryset(), pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self):
        return self.model.objects.visible_to(self.request.user)

    def question(self):
        """What will happen, in a sentence or two."""
        raise NotImplementedError

    def call(self, **answers):
        """The verb."""
        raise NotImplementedError

    def done(self):
        raise NotImplementedError

    def form_valid(self, form):
        try:
            self.call(**form.cleaned_data)
        except self.refusal as refused:
            form.add_error(None, str(refused))
            return self.form_invalid(form)
        messages.success(self.request, self.done())
        return redirect(self.get_success_url())

    def get_success_url(self):
        return reverse(self.inspect_url_name, args=[self.object.pk])

    def get_breadcrumbs_items(self):
        plural = self.model._meta.verbose_name_plural.capitalize()
        return [
            *self.breadcrumbs_items,
            {"url": reverse(self.index_url_name), "label": plural},
            {"url": self.get_success_url(), "label": str(self.object)},
            {"url": "", "label": self.button},
        ]

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            question=self.question(), button=self.button, back=self.get_success_url(), **kwargs
        )
