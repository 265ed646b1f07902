"""Views with which people book a place, see it, hand it on and give it up."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from agencies import mergers
from certificates.issuing import CertificateRefused
from courses.booking import booking, preview, status
from courses.booking.forms.booking import BookingForm, CancelForm, ColleagueForm
from courses.completion import awarding
from courses.models import Booking, Completion, Run
from courses.notices import ical
from courses.rules import cancellation, clashes, eligibility


@login_required
def new_booking(request, run_id):
    """Ask, show the answers to be checked, then book: three steps at one address.

    Between the first two nothing is kept but in the page, so that access needs are stored nowhere
    until the place is asked for.
    """
    asks = "confirm" in request.POST
    # A confirmed request ends in a redirect: only a rendered page needs the course's page.
    course = "course" if asks else "course__page"
    run = get_object_or_404(Run.objects.in_catalogue().select_related(course, "venue"), pk=run_id)
    # If a request is confirmed twice, request_place returns the booking that there is.
    if not asks and (mine := own_bookings(request).live().filter(run=run).first()):
        return redirect("courses:booking", mine.pk)
    posts = eligibility.jobs_to_book_from(request.user)
    if not posts and not request.user.posts.open().exists():
        return _ask_where_they_work(request)
    if not asks and (refusal := eligibility.why_refused(run, request.user)):
        return _not_bookable(request, run, refusal, has_job=bool(posts))
    form = BookingForm(request.POST or None, run=run, person=request.user, posts=posts)
    if "change" in request.POST or not form.is_valid():
        page = _booking_page(request, run, form, post=form.only_post)
        return render(request, "courses/book.html", page)
    if asks:
        try:
            booked = booking.request_place(run, request.user, by=request.user, **form.cleaned_data)
        except booking.BookingRefused as refused:
            if refused.courses:
                return _not_bookable(request, run, str(refused), has_job=True)
            form.add_error(None, str(refused))
        else:
            return redirect("courses:booking", booked.pk)
    answers = form.cleaned_data
    page = _booking_page(request, run, form, answers["post"], answers["manager_email"])
    return render(request, "courses/book_check.html", page | {"answers": answers})


def _ask_where_they_work(request):
    """Ask for the job first; the form there leads back here."""
    return redirect(f"{reverse('agencies:welcome')}?{urlencode({'next': request.path})}")


def _booking_page(request, run, form, post, manager_email=""):
    prefetch_related_objects([run], "sessions")
    return {
        "form": form,
        "run": run,
        "clashes": eligibility.clashes(run, request.user),
        "other_dates": eligibility.other_dates(run, request.user),
        "preview": preview.preview(run, request.user, post, manager_email),
    }


def _not_bookable(request, run, refusal, *, has_job):
    page = {
        "run": run,
        "refusal": refusal,
        "has_job": has_job,
        "missing": eligibility.prerequisites_missing(run.course, request.user),
        "asked_before": eligibility.request_before_confirmed(request.user),
    }
    return render(request, "courses/not_bookable.html", page)


@login_required
@require_safe
def one_booking(request, pk):
    """Show what became of a booking, and what happens next."""
    found = get_object_or_404(_told(request).with_position(), pk=pk)
    clash = (
        "" if found.run.is_over else clashes.in_words(clashes.clashing([found]).get(found.pk, ()))
    )
    page = {
        "booking": found,
        "run": found.run,
        "status": status.status_of(found),
        "missed": status.missed_words_of(found),
        "clash": clash,
        "missing": status.prerequisites_missing(found),
        "cost": cancellation.cost_after(found) if found.state == Booking.State.WITHDRAWN else "",
    }
    return render(request, "courses/booking.html", page)


@login_required
@require_POST
def answer_offer(request, pk):
    """Answer an offer by one of its two buttons, for who is signed in."""
    offered = get_object_or_404(own_bookings(request).select_related("run"), pk=pk)
    verb = booking.decline_offer if "decline" in request.POST else booking.accept_offer
    try:
        verb(offered, by=request.user)
    except booking.BookingRefused as refused:
        messages.error(request, str(refused))
    return redirect("courses:booking", offered.pk)


@login_required
def cancel(request, pk):
    found = get_object_or_404(_told(request), pk=pk)
    refusal = cancellation.why_not(found)
    form = CancelForm(request.POST if request.method == "POST" else None, booking=found)
    if form.is_valid():
        try:
            ended = booking.withdraw(found, by=request.user, **cancellation.given(form))
        except booking.BookingRefused as refused:
            refusal = str(refused)
        else:
            messages.success(request, _said_after(ended))
            return redirect("record:my_learning")
    if refusal:
        messages.error(request, refusal)
        return redirect("courses:booking", found.pk)
    page = {
        "booking": found,
        "run": found.run,
        "words": cancellation.wording_for(found),
        "charge": cancellation.charge(found),
        "free": cancellation.free_now(found),
        "form": form,
    }
    return render(request, "courses/cancel.html", page)


def _said_after(ended):
    """Say what has ended and what it costs, with a link to the other dates of the course."""
    page, words = getattr(ended.run.course, "page", None), cancellation.said_after(ended)
    cost = cancellation.cost_after(ended)
    if page is None or not page.live:
        return f"{words} {cost}"
    link = '{} {} <a class="govuk-notification-banner__link" href="{}#dates">Other dates of {}</a>'
    return format_html(link, words, cost, page.get_url(), ended.run.course)


@login_required
def give(request, pk):
    """Give a place to a colleague of the same agency: say whom, check, done."""
    found = get_object_or_404(_told(request), pk=pk)
    if found.state != Booking.State.CONFIRMED:
        return redirect("courses:booking", found.pk)
    form = ColleagueForm(request.POST or None, booking=found)
    page = {"booking": found, "run": found.run, "form": form}
    if "change" in request.POST or not form.is_valid():
        return render(request, "courses/give.html", page)
    colleague = form.cleaned_data["email"]
    if "confirm" in request.POST:
        try:
            booking.substitute(found, colleague, by=request.user)
        except booking.BookingRefused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("courses:booking", found.pk)
    return render(request, "courses/give_check.html", page | {"colleague": colleague})


@login_required
@require_safe
def add_to_calendar(request, pk):
    """Return a calendar file (iCalendar) of a confirmed place."""
    confirmed = own_bookings(request).confirmed().select_related("run__course", "run__venue")
    found = get_object_or_404(confirmed, pk=pk)
    response = HttpResponse(ical.download(found), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.run.course.code}.ics"'
    return response


@login_required
@require_POST
def get_certificate(request, pk):
    completions = Completion.objects.visible_to(request.user).valid().filter(person=request.user)
    related = completions.select_related("person", "course", "agency", "booking__run")
    found = get_object_or_404(related, pk=pk)
    try:
        certificate = awarding.award_certificate(found, by=request.user)
    except CertificateRefused as refused:
        messages.error(request, str(refused))
        return redirect("record:my_learning")
    return redirect(certificate)


def own_bookings(request):
    """Return the user's own bookings alone: leads and trainers see those of others elsewhere."""
    return Booking.objects.visible_to(request.user).filter(person=request.user)


def _told(request):
    """Return own bookings, with all that a page about one of them shows."""
    found = own_bookings(request).select_related(
        "person", "agency", "run__course__page", "run__venue"
    )
    found = found.annotate(agency_today=mergers.name_today("agency"))
    return found.prefetch_related("run__sessions")
