"""Back-office views of the certificates of one run."""

from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.views.generic import TemplateView, View
from wagtail.admin import messages
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin

from agencies.back_office.listing import as_day
from agencies.own_account import proving
from agencies.own_account.middleware import note_taken, to_proof
from certificates import bulk_download
from courses.completion import run_certificates
from courses.models import Run
from lms.links import keep_private


class OfDateMixin(PermissionCheckedMixin):
    """Mixin for views of the certificates of a run that the user may see."""

    model = None
    index_url_name = inspect_url_name = None
    permission_required = "view"

    @cached_property
    def run(self):
        runs = Run.objects.registers_of(self.request.user).select_related("course")
        return get_object_or_404(runs, pk=self.kwargs["pk"])

    @cached_property
    def progress(self):
        return run_certificates.progress_of(self.run, viewer=self.request.user)

    @property
    def name_of_date(self):
        return f"{self.run.course.title}, {as_day(self.run.starts_at)}"


class CertificatesView(OfDateMixin, WagtailAdminTemplateMixin, TemplateView):
    """Progress page and button for making certificates; reloads itself while the worker is busy."""

    header_icon = "doc-full"
    template_name = "courses/back_office/certificates.html"

    @property
    def page_title(self):
        return f"Certificates: {self.name_of_date}"

    def get_breadcrumbs_items(self):
        return [
            *self.breadcrumbs_items,
            {"url": reverse(self.index_url_name), "label": "Course dates"},
            {"url": reverse(self.inspect_url_name, args=[self.run.pk]), "label": self.name_of_date},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **kwargs):
        return super().get_context_data(run=self.run, progress=self.progress, **kwargs)

    def post(self, request, pk):
        do = run_certificates.stop if "stop" in request.POST else run_certificates.make_all
        try:
            do(self.run, by=request.user)
        except run_certificates.AwardingRefused as refused:
            messages.error(request, str(refused))
        return redirect("run:certificates", self.run.pk)


class Sent(OfDateMixin, View):
    """Download of all certificates that were made, in one file; 404 if there are none.

    It is about many people, so that it is given like their lists: after a proof within the hour.
    """

    ending = ""

    @cached_property
    def held(self):
        """Return those whose PDF has not been erased by now."""
        return [each for each in self.progress.made if not each.erased_at]

    def packed(self):
        raise NotImplementedError

    def get(self, request, pk):
        if not self.held:
            raise Http404
        if proving.is_due(request, after_sign_in=False):
            return to_proof(request)
        name = f"certificates-{slugify(self.run.course.code)}-{self.run.pk}.{self.ending}"
        answer = keep_private(FileResponse(self.packed(), as_attachment=True, filename=name))
        note_taken(request, answer)
        return answer


class PrintFileView(Sent):
    ending = "pdf"

    def packed(self):
        return bulk_download.print_file(self.held, title=f"Certificates: {self.name_of_date}")


class ArchiveView(Sent):
    ending = "zip"

    def packed(self):
        return bulk_download.archive(self.held)
