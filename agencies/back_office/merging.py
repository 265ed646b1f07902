"""Compare two accounts of one person, merge them, and undo that."""

from django.core.exceptions import PermissionDenied
from django.db.models import Case, Exists, OuterRef, Q, When
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from agencies import access
from agencies.back_office.confirm_action import ConfirmActionView
from agencies.free_text import names
from agencies.merging import merging, moving
from agencies.models import Agency, Merge, Person, Post
from agencies.no_email import finding
from lms.formatting import day, day_and_time
from lms.privacy.rules import privacy_rules
from lms.refused import Refused

AT_MOST = 20
# Told in words of their own, not counted in the comparison.
IN_WORDS = {"agencies.Post", "account.EmailAddress", "wagtailusers.UserProfile"}


class OfficeOnlyMixin:
    """Mixin for views of accounts, which the training office alone sees."""

    def dispatch(self, request, *args, **kwargs):
        if not access.is_training_administrator(request.user):
            raise PermissionDenied
        self.people = Person.objects.visible_to(request.user)
        return super().dispatch(request, *args, **kwargs)


class FindView(OfficeOnlyMixin, WagtailAdminTemplateMixin, TemplateView):
    """Find the account with which one is to be merged: of the same name, or as searched for."""

    template_name = "agencies/back_office/merge_with.html"
    page_title = "Merge with another account"

    def get_breadcrumbs_items(self):
        its_page = {"url": _edit(self.person), "label": self.person.name}
        return [*super().get_breadcrumbs_items(), its_page, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs):
        self.person = get_object_or_404(self.people, pk=kwargs["pk"])
        words = self.request.GET.get("q", "").strip()
        others = self.people.exclude(pk=self.person.pk).exclude(pk__in=_merged())
        if words:
            address = Q(email__icontains=words) | Q(emailaddress__email__icontains=words)
            others = others.filter(Q(name__icontains=words) | address).distinct()
        else:
            others = others.filter(name_key=self.person.name_key).exclude(name_key="")
        found = list(others.order_by("name", "pk")[: AT_MOST + 1])
        return super().get_context_data(
            person=self.person,
            q=words,
            found=described(found[:AT_MOST]),
            is_more=len(found) > AT_MOST,
            **kwargs,
        )

    @property
    def page_subtitle(self):
        return self.person.name


def _merged():
    return Merge.objects.in_effect().values("other")


def described(people):
    """List people, each with `works_at`: the agencies of their jobs, in one query."""
    found = {person.pk: person for person in people}
    for person in found.values():
        person.works_at = []
    posts = Post.objects.filter(person__in=found).exclude(confirmed_at=None, ends_on__isnull=False)
    for person, agency in posts.order_by("agency__name").values_list("person", "agency__name"):
        if agency not in found[person].works_at:
            found[person].works_at.append(agency)
    return list(found.values())


def possible_doubles(name, email):
    """List accounts that may be of somebody who is to be added, those at their agency first.

    Open ones of that name, folded (`is_of_name`), and whose address it is. Their agency is that of
    the address's domain. Without an address, open ones of a name much like it too.
    """
    key, domain = names.key(name), email.rpartition("@")[2]
    agencies = Agency.objects.filter(domains__name=domain).with_merged()
    named = Q(name_key=key, is_active=True) & ~Q(name_key="")
    people = Person.objects.annotate(
        here=Exists(Post.objects.filter(person=OuterRef("pk"), agency__in=agencies)),
        is_of_name=Case(When(named, then=True), default=False),
    )
    wanted = named | Q(pk__in=Person.objects.with_address(email).values("pk"))
    if not email:
        wanted |= Q(pk__in=[each.pk for each in finding.alike(name, Person.objects.all())])
    people = people.filter(wanted)
    return described(people.order_by("-here", "pk")[:AT_MOST])


class MergeView(OfficeOnlyMixin, ConfirmActionView):
    """Show two accounts side by side and what merging them does; its button merges them."""

    template_name = "agencies/back_office/merge.html"
    page_title = "Merge two accounts"
    button = "Merge these accounts"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.kept = self.other = None

    def dispatch(self, request, *args, **kwargs):
        if access.is_training_administrator(request.user):
            people = Person.objects.visible_to(request.user)
            self.kept = get_object_or_404(people, pk=kwargs["pk"])
            self.other = get_object_or_404(people, pk=kwargs["other"])
            self.why_not, self.foreseen = "", None
            if request.method != "POST":
                self.foresee()
        return super().dispatch(request, *args, **kwargs)

    def foresee(self):
        try:
            self.foreseen = merging.foresee(self.kept, self.other, by=self.request.user)
        except Refused as refused:
            self.why_not = str(refused)

    def form_invalid(self, form):
        self.foresee()
        return super().form_invalid(form)

    @property
    def page_subtitle(self):
        return self.kept.name

    def question(self):
        return (
            "Check that both accounts belong to one person: ask them if you are not sure. "
            "Nothing changes until you press the button."
        )

    def is_possible(self):
        return not self.why_not

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            kept=self.kept,
            other=self.other,
            why_not=self.why_not,
            rows=compared(self.kept, self.other),
            follows=self.what_follows(),
            swapped=merge_address(self.other, self.kept),
            **kwargs,
        )

    def what_follows(self):
        if not self.foreseen:
            return []
        kept, other = self.kept, self.other
        until = timezone.localtime(merging.undone_until(Merge(kept=kept, other=other)))
        roles = merging.roles_left(other)
        joined = sum(self.foreseen.joined.values())
        said = [
            f"Everything in the account {with_address(other)} moves to the one "
            f"{with_address(kept)}, as listed. Certificates keep the name printed on them. History "
            "stays as it was recorded.",
            f"The account {with_address(other)} is closed, and they are signed out of it. They can "
            "sign in to the account that stays with every address of both that they have proved.",
            *takes_over_address(kept, other),
            f"Their name is {kept.name} from then on. A second factor of the closed account is no "
            "longer used.",
        ]
        if roles:
            said.append(
                f"The closed account’s roles ({', '.join(roles)}) do not move. If they still need "
                f"one, give it to {kept.name} afterwards, under People."
            )
        if joined:
            said.append(
                f"{joined} {'record' if joined == 1 else 'records'} that both have, such as a "
                "version read twice, will be there once. The other is kept for undoing."
            )
        return [
            *said,
            *self.foreseen.sentences,
            f"{who_gets_email(kept, other)} You can undo this until {day(until)}.",
        ]

    def perform(self):
        merging.merge(self.kept, self.other, by=self.request.user)

    def success_message(self):
        return f"The two accounts of {self.kept.name} are one now."

    def get_success_url(self):
        return _edit(self.kept)


def with_address(person):
    """Return with which address an account is, in words."""
    return f"with {person.email}" if person.email else "without an email address"


def takes_over_address(kept, other):
    if kept.email or not other.email:
        return []
    return [f"The account that stays has no email address: {other.email} is its address then."]


def who_gets_email(kept, other):
    addresses = len({person.email for person in (kept, other)} - {None})
    if addresses == 2:
        return "Both addresses get one email."
    return "They get one email." if addresses else "Neither has an address: nobody is emailed."


def compared(kept, other):
    """List rows of the comparison: what it is, and what each account has of it."""
    both = (kept, other)
    counts = [moving.counts(person) for person in both]
    rows = [
        ("Name", [person.name for person in both]),
        ("Addresses", [_addresses(person) for person in both]),
        ("Account made", [day(timezone.localtime(person.joined_at)) for person in both]),
        ("Last signed in", [_last_used(person) for person in both]),
        ("Jobs", [_jobs(person) for person in both]),
        ("Roles for the board", [", ".join(merging.roles_left(each)) or "None" for each in both]),
    ]
    for rule in privacy_rules:
        its = [count[rule.name] for count in counts]
        if any(its) and rule.name not in IN_WORDS:
            rows.append((rule.about, its))
    return rows


def _addresses(person):
    found = person.emailaddress_set.order_by("-primary", "email")
    proved = [f"{each.email}{'' if each.verified else ' (not proved)'}" for each in found]
    return "\n".join(proved) or person.email_in_words


def _last_used(person):
    return day_and_time(timezone.localtime(person.last_login)) if person.last_login else "Never"


def _jobs(person):
    posts = person.posts.select_related("agency")
    lines = [f"{post.title}, {post.agency} ({post.state})" for post in posts]
    return "\n".join(lines) or "None"


class UndoView(OfficeOnlyMixin, ConfirmActionView):
    """Ask whether a merge is to be undone, saying what cannot go back; its button undoes it."""

    template_name = "agencies/back_office/undo_merge.html"
    page_title = "Undo the merging of two accounts"
    button = "Undo the merging"

    def dispatch(self, request, *args, **kwargs):
        if access.is_training_administrator(request.user):
            merges = Merge.objects.visible_to(request.user).select_related("kept", "other")
            self.merge = get_object_or_404(merges, pk=kwargs["pk"])
            self.why_not, self.foreseen = "", None
            if self.merge.undone_at:
                self.why_not = "This has been undone."
            elif request.method != "POST":
                self.foresee()
        return super().dispatch(request, *args, **kwargs)

    def foresee(self):
        try:
            self.foreseen = merging.foresee_undo(self.merge, by=self.request.user)
        except Refused as refused:
            self.why_not = str(refused)

    def form_invalid(self, form):
        self.foresee()
        return super().form_invalid(form)

    @property
    def page_subtitle(self):
        return self.merge.kept.name

    def question(self):
        merged = day(timezone.localtime(self.merge.merged_at))
        return (
            f"On {merged} an account of {self.merge.other.name} was merged into that of "
            f"{self.merge.kept.name} ({self.merge.kept.email_in_words}). Undoing opens it again as "
            "it was, and everything that moved goes back. What was added since stays where it is."
        )

    def is_possible(self):
        return not self.why_not

    def get_context_data(self, **kwargs):
        stays = self.foreseen.stays if self.foreseen else []
        return super().get_context_data(why_not=self.why_not, stays=stays, **kwargs)

    def perform(self):
        merging.undo(self.merge, by=self.request.user)

    def success_message(self):
        return f"The two accounts of {self.merge.kept.name} are separate again."

    def get_success_url(self):
        return _edit(self.merge.kept)


def _edit(person):
    return reverse("wagtailusers_users:edit", args=[person.pk])


def merge_address(kept, other):
    return reverse("merge_accounts", args=[kept.pk, other.pk])


def say_merged(request, person):
    """Say above a person's page which account it was merged into, or which ones into it."""
    merges = Merge.objects.in_effect().select_related("kept", "other")
    for made in merges.filter(Q(kept=person) | Q(other=person)):
        on = day(timezone.localtime(made.merged_at))
        buttons = []
        if made.other_id == person.pk:
            said = (
                f"This account was merged into that of {made.kept.name} "
                f"({made.kept.email_in_words}) on {on}. It is closed and cannot be changed."
            )
            buttons.append(messages.button(_edit(made.kept), "Look at that account"))
        else:
            said = f"Another account, of {made.other.name}, was merged into this one on {on}."
        if merging.can_be_undone(made):
            undo = reverse("undo_merge", args=[made.pk])
            buttons.append(messages.button(undo, "Undo the merging"))
        elif made.kept_id == person.pk:
            continue
        messages.info(request, said, buttons=buttons)


ADDRESSES = [
    path("double-accounts/<int:pk>/merge/", FindView.as_view(), name="merge_with"),
    path("double-accounts/<int:pk>/<int:other>/merge/", MergeView.as_view(), name="merge_accounts"),
    path("double-accounts/merged/<int:pk>/undo/", UndoView.as_view(), name="undo_merge"),
]
