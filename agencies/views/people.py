"""Let people see and manage their own jobs."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Q
from django.forms import Form
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from agencies import accounts, joining, mergers
from agencies.back_office import overtaken
from agencies.forms import JoiningForm, LeavingForm, LineManagerForm, NameForm
from agencies.models import Agency, Person
from lms.registries.job_followers import with_what_waits
from lms.web import rate_limits


@login_required
def welcome(request):
    """Ask where the person works, and join that agency; then go back to what they were doing."""
    back, suggested = next_of(request), list(Agency.objects.proposed_to(request.user))
    proven = [agency for agency in suggested if joining.proving_domain(request.user, agency)]
    [proposed, *others] = proven or suggested or [None]
    form = JoiningForm(request.POST or None, initial={"agency": None if others else proposed})
    if form.is_valid() and may_join(request, form):
        try:
            post = joining.join(request.user, **form.cleaned_data, by=request.user)
        except joining.JoiningRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return greeted(request, post, back)
    context = {
        "form": form,
        "next": back,
        "proven": proven,
        "has_jobs": request.user.posts.open().exists(),
    }
    return render(request, "agencies/welcome.html", context)


def may_join(request, form):
    """Count a press; add why not to the form where there were too many: each emails the agency."""
    if rate_limits.may(request, "joining", settings.LMS_JOINING_RATE):
        return True
    form.add_error(
        None,
        "You’ve said many times in a short time where you work, and we emailed the agency each"
        " time. Try again tomorrow, or ask the training office",
    )
    return False


def next_of(request):
    """Return the path on this site to which the person goes back; empty for anything else."""
    address = request.POST.get("next") or request.GET.get("next") or ""
    hosts, secure = {request.get_host()}, request.is_secure()
    is_ours = url_has_allowed_host_and_scheme(address, hosts, require_https=secure)
    return address if is_ours and address.startswith("/") else ""


def greeted(request, post, back):
    if post.is_confirmed:
        messages.success(request, f"You work at {post.agency}. You can book courses now.")
        return redirect(back or "/courses/")
    leads = Person.objects.leading(post.agency).exclude(pk=post.person_id)
    asked = post.agency if leads.exists() else "the training office"
    messages.success(request, f"We've asked {asked} to confirm that you work at {post.agency}.")
    return redirect(back or "agencies:jobs")


@login_required
def jobs(request):
    posts = request.user.posts.select_related("agency", "role_group").order_by("-starts_on", "-pk")
    posts = posts.annotate(agency_today=mergers.name_today("agency"))
    return render(request, "agencies/jobs.html", {"posts": with_what_waits(posts)})


@login_required
def name(request):
    if request.method != "POST":
        return name_in_turn(request, request.user)
    with transaction.atomic():
        overtaken.lock(request.user)
        return name_in_turn(request, Person.objects.get(pk=request.user.pk))


def name_in_turn(request, person):
    """Answer one request about a name, whose person is locked."""

    def build(data):
        return NameForm(data, initial={"name": person.name, "sort_as": person.sort_as})

    form = overtaken.carried_form(request, person, build)
    if form.is_valid():
        told = form.cleaned_data
        accounts.rename(person, told["name"], sort_as=told["sort_as"], by=request.user)
        messages.success(request, "Your name is changed.")
        return redirect("agencies:jobs")
    return render(request, "agencies/name.html", {"form": form})


@login_required
def line_manager(request, pk):
    if request.method != "POST":
        return line_manager_in_turn(request, pk)
    with transaction.atomic():
        overtaken.lock(own_open_post(request, pk))
        return line_manager_in_turn(request, pk)


def line_manager_in_turn(request, pk):
    """Answer one request about a line manager, whose job a press has locked."""
    post = own_open_post(request, pk)

    def build(data):
        return LineManagerForm(data, initial={"line_manager_email": post.line_manager_email})

    form = overtaken.carried_form(request, post, build)
    if form.is_valid():
        try:
            joining.name_line_manager(
                post, form.cleaned_data["line_manager_email"], by=request.user
            )
        except joining.JoiningRefused as refusal:
            form.add_error("line_manager_email", str(refusal))
        else:
            messages.success(request, "Your line manager is changed.")
            return redirect("agencies:jobs")
    return render(request, "agencies/line_manager.html", {"form": form, "post": post})


@login_required
def leave(request, pk):
    post = own_open_post(request, pk)
    sent = request.POST if request.method == "POST" else None
    # What nobody has confirmed has no last day to give.
    form = Form(sent) if post.is_waiting else LeavingForm(sent)
    if form.is_valid():
        on = max(post.starts_on, timezone.localdate())
        try:
            joining.leave(post, on=form.cleaned_data.get("ends_on", on), by=request.user)
        except joining.JoiningRefused as refusal:
            form.add_error("ends_on" if "ends_on" in form.fields else None, str(refusal))
        else:
            done = "withdrawn" if post.is_waiting else "ended"
            messages.success(request, f"Your job at {post.agency} is {done}.")
            return redirect("agencies:jobs")
    [post] = with_what_waits([post])
    return render(request, "agencies/leave.html", {"form": form, "post": post})


def own_open_post(request, pk):
    not_over = Q(ends_on=None) | Q(ends_on__gte=timezone.localdate(), confirmed_at__isnull=False)
    posts = request.user.posts.filter(not_over).select_related("agency")
    return get_object_or_404(posts, pk=pk)
