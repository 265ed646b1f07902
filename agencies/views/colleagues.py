"""Let leads add colleagues, with or without an email address, and give one an address later."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render

from agencies import joining
from agencies.forms import AddressForm, ColleagueForm
from agencies.models import Person, Post
from agencies.no_email import adding
from agencies.views.lead import agencies_of, post_of_led_agency, posts_of


@login_required
def add(request):
    agencies = agencies_of(request)
    staff = posts_of(agencies).current().exclude(person=request.user)
    form = ColleagueForm(
        request.POST if request.method == "POST" else None,
        agencies=agencies,
        people=Person.objects.filter(pk__in=staff.values("person")),
    )
    if form.is_valid():
        try:
            said = _added(form, request.user)
        except joining.JoiningRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, said)
            return redirect("agencies:agency")
    return render(request, "agencies/add_colleague.html", {"form": form})


def _added(form, lead):
    """Add the colleague, or go on with who was chosen; return what was done in a sentence."""
    given = form.cleaned_data
    agency, email = given["agency"], given["email"]
    job = {"title": given["title"], "role_group": given["role_group"]}
    if person := form.chosen:
        return _go_on_with(person, agency, email, job, lead)
    if email:
        post = joining.invite(agency, name=given["name"], email=email, by=lead)
        if post.title == joining.NO_TITLE:
            joining.correct(post, **job, by=lead)
        return f"{post.person} is on your list of staff. We write to them at {email}."
    post = adding.add(
        agency, name=given["name"], among=form.people, beside=form.doubles, **job, by=lead
    )
    return (
        f"{post.person} is on your list of staff, without an email address. We ask you to tell "
        "them what we would have emailed."
    )


def _go_on_with(person, agency, email, job, lead):
    post = person.posts.current().filter(agency=agency).first()
    if post is None:
        post = joining.join(person, agency, **job, by=lead)
    if email and not person.email:
        adding.give_address(post, email, by=lead)
        return f"{person} has an email address now. We have written to them there."
    return f"{person} is on your list of staff. Nothing else has changed."


@login_required
def give_address(request, pk):
    """Add the address of somebody who had none."""
    without = Post.objects.current().filter(person__email=None)
    post = post_of_led_agency(request, pk, without)
    form = AddressForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            adding.give_address(post, form.cleaned_data["email"], by=request.user)
        except joining.JoiningRefused as refusal:
            form.add_error("email", str(refusal))
        else:
            email = form.cleaned_data["email"]
            messages.success(request, f"{post.person} can sign in with {email}: we have told them.")
            return redirect("agencies:agency")
    return render(request, "agencies/give_address.html", {"form": form, "post": post})
