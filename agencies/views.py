"""What do people see of their own jobs, and a lead of their agency?"""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from agencies import access, accounts, joining
from agencies.forms import JoiningForm, LeavingForm, LineManagerForm, NameForm, RefusalForm
from agencies.models import Agency, Post

A_PAGE = 25


@login_required
def welcome(request):
    """Where do you work?"""
    proposed = Agency.objects.proposed_to(request.user).first()
    form = JoiningForm(request.POST or None, initial={"agency": proposed})
    if form.is_valid():
        try:
            post = joining.join(request.user, **form.cleaned_data, by=request.user)
        except joining.JoiningRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return greeted(request, post)
    context = {
        "form": form,
        "proposed": proposed,
        "has_jobs": request.user.posts.open().exists(),
    }
    return render(request, "agencies/welcome.html", context)


def greeted(request, post):
    if post.is_confirmed:
        messages.success(request, f"You work at {post.agency}. You can book courses now.")
        return redirect("/courses/")
    messages.success(request, f"We have asked {post.agency} to confirm that you work there.")
    return redirect("agencies:jobs")


@login_required
def jobs(request):
    posts = request.user.posts.select_related("agency", "role_group").order_by("-starts_on", "-pk")
    return render(request, "agencies/jobs.html", {"posts": posts})


@login_required
def name(request):
    form = NameForm(request.POST or None, initial={"name": request.user.name})
    if form.is_valid():
        accounts.rename(request.user, form.cleaned_data["name"], by=request.user)
        messages.success(request, "Your name is changed.")
        return redirect("agencies:jobs")
    return render(request, "agencies/name.html", {"form": form})


@login_required
def line_manager(request, pk):
    post = own_open_post(request, pk)
    form = LineManagerForm(
        request.POST or None, initial={"line_manager_email": post.line_manager_email}
    )
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
    form = LeavingForm(request.POST or None)
    if form.is_valid():
        try:
            joining.leave(post, on=form.cleaned_data["ends_on"], by=request.user)
        except joining.JoiningRefused as refusal:
            form.add_error("ends_on", str(refusal))
        else:
            messages.success(request, f"Your job at {post.agency} is ended.")
            return redirect("agencies:jobs")
    return render(request, "agencies/leave.html", {"form": form, "post": post})


def own_open_post(request, pk):
    not_over = Q(ends_on=None) | Q(ends_on__gte=timezone.localdate(), confirmed_at__isnull=False)
    posts = request.user.posts.filter(not_over).select_related("agency")
    return get_object_or_404(posts, pk=pk)


@login_required
def agency(request):
    """The lead's own agency: who works there, and who says so and waits."""
    agencies = list(access.agencies_led_by(request.user).select_related("merged_into"))
    if not agencies:
        raise Http404
    posts = Post.objects.visible_to(request.user).filter(agency__in=agencies)
    posts = posts.select_related("person", "agency", "role_group").order_by("person__name", "pk")
    sought = request.GET.get("q", "").replace("\0", "").strip()[:100]
    staff = posts.current()
    if sought:
        staff = staff.filter(Q(person__name__icontains=sought) | Q(title__icontains=sought))
    context = {
        "agencies": agencies,
        "waiting": posts.waiting_for_confirmation(),
        "page": Paginator(staff, A_PAGE).get_page(request.GET.get("page")),
        "sought": sought,
    }
    return render(request, "agencies/agency.html", context)


@login_required
@require_POST
def confirm(request, pk):
    post = post_of_led_agency(request, pk)
    try:
        joining.confirm(post, by=request.user)
    except joining.JoiningRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{post.person} is confirmed.")
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
    return render(request, "agencies/refuse.html", {"form": form, "post": post})


def post_of_led_agency(request, pk):
    """Of an agency that the person leads: another's does not exist, nor does their own job."""
    posts = Post.objects.filter(agency__in=access.agencies_led_by(request.user))
    posts = posts.exclude(person=request.user).select_related("person", "agency")
    return get_object_or_404(posts, pk=pk)
