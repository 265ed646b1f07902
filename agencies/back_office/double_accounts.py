"""Report accounts that may be of one person, list them in *This week*, and settle them."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from wagtail.admin import messages

from agencies import access
from agencies.back_office import merging
from agencies.back_office.confirm_action import ConfirmActionView
from agencies.double_accounts import double_accounts
from agencies.models import Person
from lms.formatting import day
from lms.paging import Paginator
from lms.registries.base import Action, Item
from lms.registries.reports import PageReport
from lms.registries.this_week import WeekEntry

A_PAGE = 25
WHAT_TO_DO = (
    "Ask them which address they use. If it is one person, compare and merge the two accounts: you "
    "see what will happen before anything changes, and can undo it for some weeks."
)


class PossibleDoubles(PageReport):
    """Report of pairs of accounts, the newest first, or those of the `person` of its address."""

    name = "possible-double-accounts"
    order = 130
    template_name = "agencies/back_office/double_accounts.html"
    page_title = "Possible double accounts"
    header_icon = "group"
    may_read = access.is_training_administrator

    def get_context_data(self, **kwargs):
        page = Paginator(double_accounts.possible(), A_PAGE).get_page(self.request.GET.get("page"))
        pairs = double_accounts.pairs_of(page)
        return super().get_context_data(page_obj=page, pairs=pairs, what_to_do=WHAT_TO_DO, **kwargs)


class DoubleAccounts(WeekEntry):
    name = "double_accounts"
    order = 57
    heading = "Possible double accounts"
    quiet = "No two accounts seem to be of one person."

    def rows(self, viewer):
        return double_accounts.possible().filter(pk__in=Person.objects.visible_to(viewer))

    def items(self, things, viewer):
        return [_item(pair) for pair in double_accounts.pairs_of(things)]

    def more_address(self):
        return reverse(PossibleDoubles.url_name())


def _item(pair):
    newer, older = pair.newer, pair.older
    about = f": {newer}, {newer.email_in_words}, and {older.email_in_words}"
    note = (
        f"has an account {merging.with_address(newer)}, made on {day(newer.joined_at)}, and an "
        f"older one {merging.with_address(older)}."
    )
    return Item(
        f"{newer}, {pair.agency}",
        address_of(newer),
        note,
        actions=(
            Action("Compare and merge", merging.merge_address(older, newer), about),
            Action("These are two people", settle_address(pair), about),
        ),
    )


def address_of(person):
    return reverse("wagtailusers_users:edit", args=[person.pk])


def settle_address(pair):
    return reverse("two_people", args=[pair.newer.pk, pair.older.pk])


def warn(request, person):
    """Say above a person's page which other accounts may be or were theirs, and what to do."""
    merging.say_merged(request, person)
    pairs = double_accounts.pairs_with(person)
    if not pairs:
        return
    others = [pair.older if pair.newer == person else pair.newer for pair in pairs]
    button = messages.button(report_of(person), "Look at them")
    emails = ", ".join(other.email_in_words for other in others)
    said = f"Somebody of this name at {pairs[0].agency} has another account: {emails}."
    messages.warning(request, said, buttons=[button])


def report_of(person):
    return f"{reverse(PossibleDoubles.url_name())}?person={person.pk}"


class TwoPeopleView(ConfirmActionView):
    """Record that two accounts are of two people, so that the list leaves them out."""

    button = "These are two people"

    def dispatch(self, request, *args, **kwargs):
        if not access.is_training_administrator(request.user):
            raise PermissionDenied
        people = Person.objects.visible_to(request.user)
        self.newer = get_object_or_404(people, pk=kwargs["pk"])
        self.older = get_object_or_404(people, pk=kwargs["older"])
        return super().dispatch(request, *args, **kwargs)

    @property
    def page_subtitle(self):
        return self.newer.name

    def question(self):
        return (
            f"{self.newer.name} {merging.with_address(self.newer)}, and {self.older.name} "
            f"{merging.with_address(self.older)}. If they are two people, this is recorded "
            f"and you are not asked again. If they are one: {WHAT_TO_DO[0].lower()}{WHAT_TO_DO[1:]}"
        )

    def perform(self):
        double_accounts.are_two_people(self.newer, self.older, by=self.request.user)

    def success_message(self):
        words = f"{self.newer.email_in_words} and {self.older.email_in_words}"
        return f"{self.newer.name}: {words} are two people."

    def get_success_url(self):
        return reverse(PossibleDoubles.url_name())


ADDRESSES = [
    *merging.ADDRESSES,
    path(
        "double-accounts/<int:pk>/<int:older>/two-people/",
        TwoPeopleView.as_view(),
        name="two_people",
    ),
]
