"""Views for a person to submit evidence of external training and follow its state."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from courses.completion import evidence_files, external_training
from courses.completion.forms import EvidenceForm
from courses.models import Course, Evidence
from lms.paging import Paginator
from lms.web.downloads import sandboxed

A_PAGE = 20


@login_required
@require_safe
def sent(request):
    """List the person's own evidence; a link that names a course redirects to the form."""
    if code := asked_course(request):
        form = reverse("courses:send_training_elsewhere")
        return redirect(f"{form}?{urlencode({'course': code})}")
    page = Paginator(own(request), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "courses/training_elsewhere.html", {"page": page})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def send(request):
    if request.method == "POST":
        form = EvidenceForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                external_training.send(request.user, by=request.user, **form.cleaned_data)
            except external_training.TrainingElsewhereRefused as refused:
                form.refuse(refused)
            else:
                messages.success(request, "We have it. We write to you when we have looked at it.")
                return redirect("courses:training_elsewhere")
    else:
        course = Course.objects.filter(code=asked_course(request)).first()
        form = EvidenceForm(initial={"course": course})
    return render(request, "courses/send_training_elsewhere.html", {"form": form})


@login_required
@require_safe
def file(request, pk):
    """Serve the person's own evidence file; the training office opens it in the admin."""
    return served(get_object_or_404(own(request), pk=pk))


def served(evidence):
    """Build the response as a sandboxed attachment, since the file is an untrusted upload."""
    if not evidence.file_path:
        raise Http404
    response = HttpResponse(evidence_files.read_verified(evidence), content_type=evidence.file_type)
    name = f"training-elsewhere-{evidence.pk}.{evidence_files.ENDINGS[evidence.file_type]}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return sandboxed(response)


def own(request):
    found = Evidence.objects.visible_to(request.user).filter(person=request.user)
    return found.select_related("course")


def asked_course(request):
    return request.GET.get("course", "").replace("\0", "")[:20]
