"""Views with which a lead sees and books colleagues, decides requests, and sees charges."""

import datetime as dt
from dataclasses import replace

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q, Sum
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from agencies.no_email import finding
from agencies.views.lead import agencies_of, posts_of, sought_in
from courses.booking import approval, booking, group_booking
from courses.booking.forms.agency import ColleaguesForm
from courses.booking.forms.approvals import DecisionForm
from courses.booking.forms.booking import CancelForOthersForm
from courses.models import Booking, Charge, Run
from courses.rules import cancellation, charging
from lms.formatting import pounds
from lms.paging import Paginator

A_PAGE = 25
MOST_STAFF = 200
State = Booking.State


def bookings_of(agencies):
    """Return bookings made from these agencies, whoever the person works for now."""
    bookings = Booking.objects.filter(agency__in=agencies)
    return bookings.select_related("person", "agency", "run__course", "run__venue")


@login_required
@require_safe
def requests(request):
    """List the requests of own agencies that wait for a decision, except the lead's own."""
    agencies = agencies_of(request)
    asked = bookings_of(agencies).to_approve()
    asked = asked.exclude(person=request.user).order_by("approver_asked_at", "pk")
    page = Paginator(asked, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "courses/agency/requests.html", {"agencies": agencies, "page": page})


@login_required
def decide(request, pk):
    agencies = agencies_of(request)
    asked = bookings_of(agencies).filter(waits_for_job=False).exclude(person=request.user)
    found = get_object_or_404(asked, pk=pk)
    if request.method != "POST" and found.state != State.REQUESTED:
        raise Http404
    form = DecisionForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            if form.approves:
                booking.approve(found, by=request.user)
            else:
                booking.refuse(found, by=request.user, reason=reason)
        except booking.BookingRefused as refusal:
            messages.error(request, str(refusal))
        else:
            said = "approved" if form.approves else "refused"
            person = found.person
            messages.success(request, f"The request of {person} is {said}. {person.how_told}")
        return redirect("courses:agency_requests")
    page = {
        "form": form,
        "question": approval.question(found),
        "done_before": approval.done_before(found),
    }
    return render(request, "courses/agency/decide.html", page)


@login_required
@require_safe
def bookings(request):
    agencies, now = agencies_of(request), timezone.now()
    coming = Q(run__starts_at__gt=now) | Q(run__starts_at=None)
    a_year = now - dt.timedelta(days=365)
    shown = {
        "coming": coming & Q(state__in=[State.CONFIRMED, State.OFFERED, State.REQUESTED]),
        "waiting": coming & Q(state=State.WAITING),
        "past": Q(run__starts_at__lte=now, run__starts_at__gt=a_year, confirmed_at__isnull=False),
    }
    show = request.GET.get("show") if request.GET.get("show") in shown else "coming"
    found = bookings_of(agencies).filter(shown[show])
    order = "-run__starts_at" if show == "past" else "run__starts_at"
    found = found.order_by(order, "person__name", "pk")
    context = {
        "agencies": agencies,
        "show": show,
        "page": Paginator(found, A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "courses/agency/bookings.html", context)


@login_required
def cancel(request, pk):
    found = get_object_or_404(bookings_of(agencies_of(request)).live(), pk=pk)
    form = CancelForOthersForm(request.POST if request.method == "POST" else None, booking=found)
    if form.is_valid():
        try:
            ended = booking.withdraw(found, by=request.user, **form.cleaned_data)
        except booking.BookingRefused as refusal:
            messages.error(request, str(refusal))
        else:
            cost = cancellation.cost_after(ended, who="Nobody", whose=str(found.agency))
            done = f"The booking of {found.person} is cancelled. {cost} {found.person.how_told}"
            messages.success(request, done)
        return redirect("courses:agency_bookings")
    if refusal := cancellation.why_not(found):
        messages.error(request, refusal)
        return redirect("courses:agency_bookings")
    charge = cancellation.charge(found)
    free = cancellation.free_now(found)
    context = {"booking": found, "run": found.run, "form": form, "charge": charge, "free": free}
    return render(request, "courses/agency/cancel.html", context)


@login_required
@require_safe
def dates(request):
    """List the coming runs, with how many places on each are own agencies'."""
    agencies, sought = agencies_of(request), sought_in(request)
    ours = Q(bookings__agency__in=agencies)
    runs = Run.objects.upcoming().in_catalogue().select_related("course", "venue")
    if sought:
        runs = runs.filter(course__title__icontains=sought)
    runs = runs.annotate(
        ours=Count("bookings", filter=ours & Q(bookings__holds_place=True)),
        ours_waiting=Count("bookings", filter=ours & Q(bookings__state=State.WAITING)),
    ).order_by("starts_at", "pk")
    page = Paginator(runs, A_PAGE).get_page(request.GET.get("page"))
    context = {"agencies": agencies, "page": page, "sought": sought}
    return render(request, "courses/agency/dates.html", context)


@login_required
def book(request, run_id):
    """Say what would become of those ticked and named, in an order that can be changed; then book.

    Nothing is kept between the steps but in the page.
    """
    agencies, sought = agencies_of(request), sought_in(request)
    runs = Run.objects.upcoming().in_catalogue().select_related("course", "venue")
    run = get_object_or_404(runs, pk=run_id)
    posts = posts_of(agencies).current().filter(person__is_active=True)
    form = ColleaguesForm(
        request.POST if request.method == "POST" else None,
        posts=posts if request.method == "POST" else to_tick(posts, run, sought),
        agencies=[agency for agency in agencies if not agency.merged_into_id] or agencies,
        cost=most_asked_for(run, agencies),
    )
    page = {"agencies": agencies, "run": run, "form": form, "sought": sought}
    if "change" in request.POST or not form.is_valid():
        return render(request, "courses/agency/book.html", page)
    given = form.cleaned_data
    staff = posts_of(agencies).current().exclude(person=request.user)
    newcomers = [who_it_is(one, staff, request.POST) for one in given["newcomers"]]
    people = in_order([*given["colleagues"], *filter(None, newcomers)], request.POST)
    people = list({group_booking.key_of(who): who for who in people}.values())
    if "confirm" in request.POST and None not in newcomers:
        cost_code = given.get("cost_code", "")
        page["outcomes"] = group_booking.book(
            run, people, agency=given["agency"], by=request.user, cost_code=cost_code
        )
        booked = [outcome.booking for outcome in page["outcomes"] if outcome.booking]
        page["tells"] = any(not made.person.email for made in booked)
        return render(request, "courses/agency/booked.html", page)
    people = in_order([*given["colleagues"], *given["newcomers"]], request.POST)
    foreseen = group_booking.foresee(run, people, agency=given["agency"])
    page["foreseen"] = [with_doubles(one, staff, request.POST) for one in foreseen]
    page["is_unclear"] = "confirm" in request.POST
    page["tells"] = any(not one.has_address for one in foreseen)
    page["kept"] = [
        (name, value)
        for name in ("colleagues", "newcomers", "agency", "cost_code")
        for value in request.POST.getlist(name)
    ]
    return render(request, "courses/agency/book_check.html", page)


# The other presses change nothing, and are no bookings to limit.
book.confirmed_by = "confirm"


def who_it_is(newcomer, staff, sent):
    """Return whom the lead means by somebody without an address; None until they have said."""
    if newcomer.email:
        return newcomer
    doubles = group_booking.doubles_of(newcomer, staff)
    newcomer = replace(newcomer, among=group_booking.people_of(staff))
    if not doubles:
        return newcomer
    chosen = sent.get(f"who-{group_booking.key_of(newcomer)}", "")
    people = [post.person for post in doubles]
    if chosen == finding.somebody_new(people):
        return replace(newcomer, beside=tuple(people))
    return next((post for post in doubles if group_booking.key_of(post) == chosen), None)


def with_doubles(foreseen, staff, sent):
    """Return what is foreseen with those who may be the same person, and who was chosen."""
    doubles = group_booking.doubles_of(foreseen.who, staff)
    for post in doubles:
        post.key = group_booking.key_of(post)
    return replace(foreseen, doubles=doubles, said=sent.get(f"who-{foreseen.key}", ""))


def in_order(people, sent):
    """Sort people by the turns that were chosen; who has none, or the same, stays in order."""

    def turn_of(who):
        chosen = sent.get(f"turn-{group_booking.key_of(who)}", "")
        return int(chosen) if chosen.isdecimal() and len(chosen) < 4 else len(people)

    return sorted(people, key=turn_of)


def to_tick(posts, run, sought):
    """Return jobs of people without a booking on this run: those sought, or the first of all."""
    booked = Booking.objects.live().filter(run=run).values("person")
    posts = posts.exclude(person__in=booked)
    if sought:
        posts = posts.filter(Q(person__name__icontains=sought) | Q(title__icontains=sought))
    return posts.filter(pk__in=list(posts.values_list("pk", flat=True)[:MOST_STAFF]))


def most_asked_for(run, agencies):
    fee = max(charging.fee(run, agency) for agency in agencies)
    return pounds(fee) if fee else ""


@login_required
@require_safe
def charges(request):
    """List late cancellations, absences and fees of own agencies, waived ones too."""
    agencies = agencies_of(request)
    found = Charge.objects.visible_to(request.user).filter(agency__in=agencies)
    owed = found.owed().aggregate(owed=Sum("amount"))["owed"]
    found = found.select_related("agency", "booking__person", "booking__run__course")
    context = {
        "agencies": agencies,
        "owed": owed or 0,
        "page": Paginator(found, A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "courses/agency/charges.html", context)
