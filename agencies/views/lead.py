"""Show leads who works at their agency, and let them confirm, refuse and end jobs."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from agencies import access, joining, staff
from agencies.forms import LeavingForm, RefusalForm
from agencies.free_text import names
from agencies.models import Post
from lms.paging import Paginator
from lms.registries import job_followers
from lms.registries.needs import MY_AGENCY, waiting_for
from lms.spreadsheets.writing import About, csv_response
from lms.web.ticked import ticked

A_PAGE = 25


def agencies_of(request):
    """List the agencies that the person leads; raises Http404 if none."""
    agencies = access.list_agencies_led_by(request.user)
    if not agencies:
        raise Http404
    return agencies


def sought_in(request):
    return request.GET.get("q", "").replace("\0", "").strip()[:100]


@login_required
@require_safe
def agency(request):
    """Show the staff, and what needs the lead: jobs and managers to confirm."""
    agencies, sought = agencies_of(request), sought_in(request)
    posts = posts_of(agencies)
    found = posts.current()
    if sought:
        found = found.filter(Q(person__name__icontains=sought) | Q(title__icontains=sought))
    context = {
        "agencies": agencies,
        "needs": waiting_for(request.user, MY_AGENCY),
        "page": page_by_last_name(found, request.GET.get("page")),
        "sought": sought,
    }
    return render(request, "agencies/agency.html", context)


@login_required
@require_safe
def changes(request):
    """Show who joined, moved and left since the previous quarter began."""
    agencies, since = agencies_of(request), staff.last_quarter_began()
    told = staff.changes(agencies, since=since)
    page = Paginator(told, A_PAGE).get_page(request.GET.get("page"))
    context = {"agencies": agencies, "since": since, "page": page}
    return render(request, "agencies/changes.html", context)


@login_required
@require_safe
def staff_as_csv(request):
    agencies = agencies_of(request)
    about = About(f"Staff of {', '.join(agency.name for agency in agencies)}")
    posts = posts_of(agencies).current()
    return csv_response("staff", about, staff.HEADINGS, map(staff.cells, by_last_name(posts)))


@login_required
@require_POST
def confirm(request, pk):
    post = post_of_led_agency(request, pk)
    read = request.POST.get("manager", "")
    try:
        post = joining.confirm(post, by=request.user, manager_read=read)
    except joining.JoiningRefused as refusal:
        messages.error(request, str(refusal))
    else:
        words = f"{post.person} is confirmed. {joining.became_of(post)}"
        messages.success(request, words.strip())
    return redirect("agencies:agency")


@login_required
@require_POST
def vouch(request):
    """Confirm those ticked, whom until now only an address at a shared domain confirms."""
    posts = posts_of(agencies_of(request)).exclude(person=request.user)
    posts = posts.filter(pk__in=ticked(request.POST.getlist("jobs")))
    outcomes = joining.vouch_for_each(posts, by=request.user)
    for outcome in outcomes:
        if outcome.refusal:
            messages.error(request, outcome.refusal)
    confirmed = [str(outcome.post.person) for outcome in outcomes if not outcome.refusal]
    if len(confirmed) == 1:
        messages.success(request, f"You have confirmed that {confirmed[0]} works here.")
    elif confirmed:
        messages.success(request, f"You have confirmed that {len(confirmed)} people work here.")
    elif not outcomes:
        messages.error(request, "Tick everybody who works here")
    return redirect("agencies:agency")


@login_required
@require_POST
def confirm_manager(request, pk):
    post = post_of_led_agency(request, pk)
    read = request.POST.get("manager", "")
    try:
        joining.confirm_line_manager(post, read, by=request.user)
    except joining.JoiningRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{post.line_manager_email} may approve for {post.person}.")
    return redirect("agencies:agency")


@login_required
def refuse(request, pk):
    post = post_of_led_agency(request, pk)
    form = RefusalForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            joining.refuse(post, **form.cleaned_data, by=request.user)
        except joining.JoiningRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"{post.person} is told that you did not confirm them.")
        return redirect("agencies:agency")
    [post] = job_followers.with_what_waits([post])
    return render(request, "agencies/refuse.html", {"form": form, "post": post})


@login_required
def left(request, pk):
    """Set a colleague's last day that the colleague has not given."""
    post = post_of_led_agency(request, pk, Post.objects.current())
    form = LeavingForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            joining.leave(post, on=form.cleaned_data["ends_on"], by=request.user)
        except joining.JoiningRefused as refusal:
            form.add_error("ends_on", str(refusal))
        else:
            messages.success(request, f"{post.person}\u2019s last day is saved.")
            return redirect("agencies:agency")
    return render(request, "agencies/left.html", {"form": form, "post": post})


def page_by_last_name(posts, number):
    """Return a page of jobs by last name, with as many queries for many as for few."""
    said = posts.values_list("pk", "person__name", "person__sort_as")
    by_pk = {pk: names.sort_key(*name) for pk, *name in said}
    in_order = sorted(by_pk, key=lambda pk: (by_pk[pk], pk))
    page = Paginator(in_order, A_PAGE).get_page(number)
    shown = posts.in_bulk(page.object_list)
    page.object_list = [shown[pk] for pk in page.object_list if pk in shown]
    return page


def by_last_name(posts):
    return sorted(posts, key=lambda post: (post.person.sort_key, post.pk))


def posts_of(agencies):
    posts = Post.objects.filter(agency__in=agencies).order_by("person__name", "pk")
    return posts.select_related("person", "agency", "role_group")


def post_of_led_agency(request, pk, posts=Post.objects):
    """Return a job at an agency that the person leads, except their own; raises Http404."""
    posts = posts.filter(agency__in=access.agencies_led_by(request.user))
    posts = posts.exclude(person=request.user).select_related("person", "agency")
    return get_object_or_404(posts, pk=pk)
