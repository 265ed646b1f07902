"""How does somebody book a place, see it and give it up?"""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from agencies.models import Post
from certificates.issuing import CertificateRefused
from courses import awarding, booking, calendar, eligibility
from courses.forms import BookingForm
from courses.models import Booking, Completion, Run


@login_required
def new_booking(request, run_id):
    """Three pages at one address: what we ask, check your answers, and on to the booking itself.

    Nothing is kept between the first two but in the page, so that access needs are stored nowhere
    until the place is asked for.
    """
    runs = Run.objects.in_catalogue().with_waiting()
    runs = runs.select_related("course__page", "venue").prefetch_related("sessions")
    run = get_object_or_404(runs, pk=run_id)
    if mine := own_bookings(request).live().filter(run=run).first():
        return redirect("courses:booking", mine.pk)
    posts = list(Post.objects.current().filter(person=request.user).select_related("agency"))
    asks = "confirm" in request.POST
    if not asks and (refusal := eligibility.why_refused(run, request.user)):
        page = {"run": run, "refusal": refusal, "has_job": bool(posts)}
        return render(request, "courses/not_bookable.html", page)
    form = BookingForm(request.POST or None, person=request.user, posts=posts)
    page = {"form": form, "run": run, "clashes": eligibility.clashes(run, request.user)}
    if "change" in request.POST or not form.is_valid():
        return render(request, "courses/book.html", page)
    if asks:
        try:
            booked = booking.request_place(run, request.user, by=request.user, **form.cleaned_data)
        except booking.BookingRefused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("courses:booking", booked.pk)
    return render(request, "courses/book_check.html", page | {"answers": form.cleaned_data})


@login_required
@require_safe
def one_booking(request, pk):
    """What became of it: a place, a turn in the queue, or an end."""
    bookings = own_bookings(request).with_position().select_related("run__course", "run__venue")
    found = get_object_or_404(bookings.prefetch_related("run__sessions"), pk=pk)
    return render(request, "courses/booking.html", {"booking": found, "run": found.run})


@login_required
def cancel(request, pk):
    bookings = own_bookings(request).select_related("run__course", "run__venue")
    found = get_object_or_404(bookings.prefetch_related("run__sessions"), pk=pk)
    page = {"booking": found, "run": found.run}
    if request.method == "POST":
        try:
            ended = booking.withdraw(found, by=request.user)
        except booking.BookingRefused as refused:
            return render(request, "courses/cancel.html", page | {"refusal": refused})
        messages.success(request, said_after_cancelling(ended))
        return redirect("record:my_learning")
    return render(request, "courses/cancel.html", page)


def said_after_cancelling(ended):
    course = ended.run.course
    if ended.confirmed_at:
        return f"Your place on {course} is cancelled."
    return f"You have left the waiting list of {course}."


@login_required
@require_safe
def add_to_calendar(request, pk):
    """A file that a calendar takes up: only a confirmed place stands in one."""
    confirmed = own_bookings(request).confirmed().select_related("run__course", "run__venue")
    found = get_object_or_404(confirmed, pk=pk)
    response = HttpResponse(calendar.download(found), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.run.course.code}.ics"'
    return response


@login_required
@require_POST
def get_certificate(request, pk):
    completions = Completion.objects.visible_to(request.user).standing()
    found = get_object_or_404(
        completions.filter(person=request.user).select_related("person", "course", "agency"), pk=pk
    )
    try:
        certificate = awarding.award_certificate(found, by=request.user)
    except CertificateRefused as refused:
        messages.error(request, str(refused))
        return redirect("record:my_learning")
    return redirect(certificate)


def own_bookings(request):
    """One's own only, whoever one is: a lead or a trainer sees those of others elsewhere."""
    return Booking.objects.visible_to(request.user).filter(person=request.user)
