"""Agency pages that list the protocols sent to it, confirm them and mail its staff."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import F, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agencies import access
from agencies.back_office import overtaken
from agencies.models import Agency, Post
from lms import links
from lms.paging import Paginator
from protocols.cascade import dissemination
from protocols.cascade.forms import AccountForm
from protocols.models import Dissemination
from protocols.models.editions import LONG_OF_EDITION

A_PAGE = 25


def sent_to(viewer):
    """Return what was sent to the viewer's agencies and to those that belong to them."""
    found = Dissemination.objects.answered_by(viewer).with_end()
    found = found.select_related("edition__page", "agency", "receipt__given_by").with_name_today()
    return found.defer(*LONG_OF_EDITION, "edition__page__body")


def agencies_led(viewer):
    return list(access.agencies_led_by(viewer))


@login_required
@require_safe
def protocols(request):
    """List the unanswered by deadline, then the answered, the newest first."""
    agencies = agencies_led(request.user)
    found = sent_to(request.user).order_by(
        F("receipt__given_at").desc(nulls_first=True), "deadline_on", "agency__name", "pk"
    )
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    if not (agencies or page.object_list):
        raise Http404
    context = {
        "agencies": agencies,
        "page": page,
        "waiting": found.filter(ended="").waiting().count(),
    }
    return render(request, "protocols/agency/protocols.html", context)


@login_required
@require_safe
def protocol(request, pk):
    """Show one edition: the board's message, words to pass on, and the agency's answer."""
    sent = get_object_or_404(sent_to(request.user), pk=pk)
    context = {
        "sent": sent,
        "edition": sent.edition,
        "receipt": getattr(sent, "receipt", None),
        "address": links.address(sent.edition.page.path_of_page),
        "staff": staff_of(sent).count(),
        "with_address": staff_of(sent).filter(person__email__isnull=False).count(),
        "have_read": sent.edition.acknowledgements.filter(person__in=staff_of(sent)).count(),
        "counts_too": counted_with(sent),
    }
    return render(request, "protocols/agency/protocol.html", context)


def staff_of(sent):
    posts = Post.objects.current().at(sent.agency).filter(person__is_active=True)
    return posts.values("person").distinct()


def counted_with(sent):
    if not sent.is_confirmed:
        return []
    return [
        each.dissemination.agency
        for each in sent.receipt.counts_too.select_related("dissemination__agency")
    ]


@login_required
@require_POST
def mail_to_staff(request, pk):
    sent = get_object_or_404(sent_to(request.user), pk=pk)
    try:
        people = dissemination.mail_to_staff(sent, by=request.user)
    except dissemination.CascadeRefused as refused:
        messages.error(request, str(refused))
    else:
        whom = "1 person" if people == 1 else f"{people or 'no'} people"
        messages.success(request, f"We'll email the link to {whom}.")
    return redirect("protocols:agency_protocol", sent.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request, pk):
    """Confirm a cascade, or correct the confirmation that is there."""
    if request.method != "POST":
        return confirm_in_turn(request, pk)
    with transaction.atomic():
        overtaken.lock(get_object_or_404(sent_to(request.user), pk=pk))
        return confirm_in_turn(request, pk)


def confirm_in_turn(request, pk):
    """Answer one request about a cascade, which a press has locked."""
    sent = get_object_or_404(sent_to(request.user), pk=pk)
    receipt = getattr(sent, "receipt", None)
    if receipt and receipt.counted_in_id:
        return redirect("protocols:agency_protocol", sent.pk)

    def build(data):
        others = () if receipt else others_of(request.user, sent)
        return AccountForm(data, initial=first_words(sent, receipt), others=others)

    if receipt:
        form = overtaken.carried_form(request, receipt, build)
    else:
        form = build(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            answer(sent, receipt, form, by=request.user)
        except dissemination.CascadeRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"Thank you. The answer of {sent.agency} is saved.")
            return redirect("protocols:agency_protocols")
    context = {"form": form, "sent": sent, "receipt": receipt, "staff": staff_of(sent).count()}
    return render(request, "protocols/agency/confirm.html", context)


def answer(sent, receipt, form, *, by):
    if receipt and form.data.get("correcting") == str(receipt.pk):
        return dissemination.correct(receipt, form.account, by=by)
    return dissemination.confirm(sent, form.account, by=by, also_for=form.also_for)


def first_words(sent, receipt):
    if receipt:
        return dissemination.account_of(receipt)
    mailed = {"how": ["mail"]} if sent.mailed_to is not None else {}
    return mailed | {"cascaded_on": timezone.localdate()}


def others_of(viewer, sent):
    """Return the edition's unconfirmed disseminations to children and predecessors."""
    found = Dissemination.objects.answered_by(viewer).waiting()
    its_own = Agency.objects.filter(pk=sent.agency_id).with_predecessors()
    theirs = Q(agency__in=its_own) | Q(agency__parent__in=its_own)
    found = found.filter(theirs, edition=sent.edition_id).exclude(pk=sent.pk)
    return found.select_related("agency").order_by("agency__name")
