"""Views to see, download and share the training record, and to read a shared one."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agencies.forms import TidyField
from certificates.rate_limit import discreet, may_try
from lms import links
from record.training_record import content, pdf, sharing

NEW_LINK = "new_link_to_record"


class ShareForm(forms.Form):
    days = forms.TypedChoiceField(
        label="How long should the link work?",
        choices=[(days, f"{days} days") for days in sharing.DAYS],
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose for how long the link works"},
    )
    reader = TidyField(
        label="Who is it for?",
        help_text="For your own list of links. For example, the name of your new employer.",
        max_length=120,
        error_messages={"required": "Enter who the link is for"},
    )


@login_required
@require_safe
def mine(request):
    record = content.training_record_of(request.user, viewer=request.user)
    return render(request, "record/training_record.html", {"record": record})


@login_required
@require_safe
def as_pdf(request):
    record = content.training_record_of(request.user, viewer=request.user)
    response = HttpResponse(pdf.render(record), content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="training-record.pdf"'
    return links.keep_private(response)


@login_required
@require_safe
def as_json(request):
    record = content.training_record_of(request.user, viewer=request.user)
    options = {"ensure_ascii": False, "indent": 2}
    response = JsonResponse(content.as_data(record), json_dumps_params=options)
    response["Content-Disposition"] = 'attachment; filename="training-record.json"'
    return links.keep_private(response)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def share(request):
    """Create a link and show it once: only a hash of its token is stored."""
    form = ShareForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            token = sharing.share(request.user, by=request.user, **form.cleaned_data)
        except sharing.SharingRefused as refused:
            form.add_error(None, str(refused))
        else:
            request.session[NEW_LINK] = token
            return redirect("record:share_record")
    token = request.session.pop(NEW_LINK, None)
    page = {
        "form": form,
        "made": links.address(reverse("record:shared_record", args=[token])) if token else "",
        "open_links": sharing.open_links(request.user),
    }
    return links.keep_private(render(request, "record/share.html", page))


@login_required
@require_POST
def end(request, pk):
    link = get_object_or_404(sharing.links_of(request.user), pk=pk)
    sharing.end(link, by=request.user)
    messages.success(request, f"The link for {link.sent_to} does not work any more.")
    return redirect("record:share_record")


@require_safe
def shared(request, token):
    """Show name, courses, dates and codes of a shared record, and nothing else."""
    if not may_try(request):
        return discreet(render(request, "certificates/too_many.html", status=429))
    link, person = sharing.reader_of(token)
    if person is None:
        return discreet(render(request, "record/shared_ended.html", status=410))
    record = content.training_record_of(person, viewer=person)
    return discreet(render(request, "record/shared.html", {"record": record, "link": link}))
