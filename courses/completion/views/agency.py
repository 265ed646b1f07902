"""Views with which a lead sees who of the staff is trained, and sends certificates for them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from agencies.views.lead import agencies_of, by_last_name, posts_of
from courses.completion import answering, external_training, staff_training
from courses.completion.forms import StaffCertificateForm
from courses.models import BookingPolicy, Course, Evidence
from lms.formatting import weekday
from lms.paging import Paginator
from lms.spreadsheets.writing import About, csv_response

A_PAGE = 25
LATEST = 10


@login_required
@require_safe
def training(request):
    """Show who has completed the course that is asked for; without one, numbers for each course."""
    agencies, course = agencies_of(request), asked_course(request)
    posts = posts_of(agencies).current()
    context = {"agencies": agencies, "course": course}
    if course:
        lines = staff_training.lines(by_last_name(posts), course, viewer=request.user)
        page = Paginator(lines, A_PAGE).get_page(request.GET.get("page"))
        return render(request, "courses/agency/training_of.html", context | {"page": page})
    courses = list(Course.objects.offered().order_by("title"))
    sent = Evidence.objects.visible_to(request.user).filter(sent_by=request.user)
    context |= {
        "summaries": staff_training.summaries(posts, courses, viewer=request.user),
        "staff": posts.values("person").distinct().count(),
        "sent": sent.select_related("person", "course")[:LATEST],
        "takes_certificates": any(each.is_elsewhere for each in courses),
    }
    return render(request, "courses/agency/training.html", context)


@login_required
@require_safe
def training_as_csv(request):
    agencies, course = agencies_of(request), asked_course(request)
    if course is None:
        raise Http404
    lines = staff_training.lines(
        by_last_name(posts_of(agencies).current()), course, viewer=request.user
    )
    about = About(f"{course}: staff of {', '.join(agency.name for agency in agencies)}")
    rows = (staff_training.cells(line, course) for line in lines)
    return csv_response("training", about, staff_training.HEADINGS, rows)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def certificate(request):
    """Take the certificate of a member of staff."""
    agencies = agencies_of(request)
    posts = posts_of(agencies).current().exclude(person=request.user)
    if request.method == "POST":
        form = StaffCertificateForm(request.POST, request.FILES, posts=posts)
        if form.is_valid() and (evidence := send(request, form)):
            person, day = evidence.person.name, weekday(answering.answered_by(evidence))
            messages.success(
                request,
                f"We have the certificate of {person}, and have told them. The training office "
                f"will look at it and email them by {day}.",
            )
            page = reverse("courses:agency_training")
            return redirect(f"{page}?{urlencode({'course': evidence.course.code})}")
    else:
        asked = {"post": request.GET.get("post"), "course": asked_course(request)}
        form = StaffCertificateForm(initial=asked, posts=posts)
    context = {
        "agencies": agencies,
        "form": form,
        "days": BookingPolicy.load().evidence_days,
    }
    return render(request, "courses/agency/certificate.html", context)


def send(request, form):
    """Send what the form holds; None if it is refused, which the form then says."""
    entered = dict(form.cleaned_data)
    post, course = entered.pop("post"), entered.pop("course")
    try:
        return external_training.upload(post.person, course, post=post, by=request.user, **entered)
    except external_training.TrainingElsewhereRefused as refused:
        form.refuse(refused)
        return None


def asked_course(request):
    """Return the offered course that the address names; None without one. Raises Http404."""
    code = request.GET.get("course", "").replace("\0", "")[:20]
    if not code:
        return None
    course = Course.objects.offered().filter(code=code).first()
    if course is None:
        raise Http404
    return course
