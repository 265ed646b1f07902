"""Views for a person to submit evidence of external training and follow its state.

The certificate of a course that a provider gives is evidence too: its page is shorter, as the
course says what it is called and who gives it.
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from courses.completion import answering, evidence_files, external_training
from courses.completion.forms import CertificateForm, EvidenceForm
from courses.models import BookingPolicy, Course, Evidence
from lms.formatting import weekday
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
    online = Course.objects.elsewhere().offered().order_by("title")
    return render(request, "courses/training_elsewhere.html", {"page": page, "online": online})


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
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request, code):
    """Take the certificate of a course given elsewhere, also when it is offered no longer."""
    courses = Course.objects.elsewhere().filter(page__live=True).select_related("page")
    course = get_object_or_404(courses, code=code)
    is_sent = request.method == "POST"
    form = CertificateForm(request.POST, request.FILES) if is_sent else CertificateForm()
    if is_sent and form.is_valid():
        try:
            evidence = external_training.upload(
                request.user, course, by=request.user, **form.cleaned_data
            )
        except external_training.TrainingElsewhereRefused as refused:
            form.refuse(refused)
        else:
            messages.success(
                request,
                f"We have your certificate. The training office will look at it and email you by "
                f"{weekday(answering.answered_by(evidence))}. You don’t need to do anything "
                "else.",
            )
            return redirect("courses:training_elsewhere")
    context = {"form": form, "course": course, "days": BookingPolicy.load().evidence_days}
    return render(request, "courses/upload_certificate.html", context)


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
    return found.select_related("course", "sent_by")


def asked_course(request):
    return request.GET.get("course", "").replace("\0", "")[:20]
