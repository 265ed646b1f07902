"""Back-office pages of packages made elsewhere: send one, see what it is, issue it."""

from django import forms
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import FormView
from wagtail.admin import messages

from elearning.authoring import issuing
from elearning.back_office.of_module import OfModule
from elearning.back_office.versions import MAJOR, IssueForm
from elearning.models import Package, Rule
from elearning.packages import bringing
from elearning.packages.archive import MB, MOST_BYTES
from lms.refused import Refused


class PackageForm(forms.Form):
    """Form that takes the zip of an authoring tool."""

    file = forms.FileField(
        label="The zip that the authoring tool made",
        help_text=f"SCORM 1.2 or SCORM 2004, of {MOST_BYTES // MB} MB at most.",
        error_messages={
            "required": "Choose the zip that the authoring tool made",
            "empty": "The file is empty. Choose the zip that the authoring tool made",
        },
    )


class PackagesView(OfModule, FormView):
    """List the packages of a module, and take another."""

    page_title = "Packages made elsewhere"
    header_icon = "upload"
    template_name = "elearning/back_office/packages.html"
    form_class = PackageForm

    def form_valid(self, form):
        try:
            package = bringing.receive(self.module, form.cleaned_data["file"], by=self.request.user)
        except Refused as refused:
            form.add_error("file", str(refused))
            return self.form_invalid(form)
        messages.success(self.request, f"‘{package.name}’ is here, and is being read.")
        return redirect("module:package", package.pk)

    def get_context_data(self, **kwargs):
        packages = self.module.packages.select_related("sent_by").prefetch_related("versions")
        return super().get_context_data(packages=packages, **kwargs)


class RuleForm(IssueForm):
    """Form of when a package is done, besides what every version says of itself."""

    seen = None
    field_order = ["rule", "what_changed", "size"]
    rule = forms.ChoiceField(
        label="When is it done?",
        choices=Rule.choices,
        initial=Rule.AS_IT_SAYS,
        widget=forms.RadioSelect,
        help_text="A pass is never taken back, whatever the package reports afterwards.",
    )


class PackageView(OfModule, FormView):
    """Show what a package is and what will not be obeyed, and issue it as a version."""

    header_icon = "upload"
    template_name = "elearning/back_office/package.html"
    form_class = RuleForm

    @property
    def page_title(self):
        return str(self.package)

    def find(self, pk):
        packages = Package.objects.select_related("module", "sent_by")
        self.package = get_object_or_404(packages, pk=pk)
        return self.package.module

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {
            "is_first": not self.module.versions.exists(),
            "begun": self.module.attempts.live().count(),
        }

    def form_valid(self, form):
        said = form.cleaned_data
        try:
            version = issuing.issue_package(
                self.package,
                said["rule"],
                by=self.request.user,
                what_changed=said["what_changed"],
                is_major=said.get("size", MAJOR) == MAJOR,
            )
        except Refused as refused:
            form.add_error(None, str(refused))
            return self.form_invalid(form)
        messages.success(
            self.request,
            f"{version.label.capitalize()} of ‘{version.title}’ is issued. People who begin it "
            f"from now on get it, at {self.module.get_absolute_url()}",
        )
        return redirect("module:versions", self.module.pk)

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            package=self.package,
            parts=self.package.items.all(),
            versions=self.package.versions.without_content(),
            **kwargs,
        )
