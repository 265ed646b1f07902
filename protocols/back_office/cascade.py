"""Admin views that send an edition to agencies and show who has confirmed."""

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, Subquery, Value
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from agencies import access
from agencies.back_office.confirm_action import ConfirmActionView, NoQuestion, ReasonForm
from agencies.models import Agency
from lms.paging import Paginator
from protocols.back_office.cascade_forms import BoardForm, ContactForm, SendForm
from protocols.cascade import dissemination, notices, reminders
from protocols.cascade import figures as cascade_figures
from protocols.models import Dissemination, Edition, ProtocolPage, ProtocolPolicy
from protocols.models.disseminations import may_read_all

EDITIONS, AGENCIES = 4, 50


class Office(WagtailAdminTemplateMixin):
    """Base of the board's cascade views: refuse other users, then find the object."""

    header_icon = "mail"
    may_enter = staticmethod(may_read_all)

    def dispatch(self, request, *args, **kwargs):
        if not self.may_enter(request.user):
            raise PermissionDenied
        self.find(**kwargs)
        return super().dispatch(request, *args, **kwargs)

    def find(self):
        """Fetch the object of the view from the URL's arguments; none by default."""

    def get_breadcrumbs_items(self):
        items = [*super().get_breadcrumbs_items(), *self.before()]
        return [*items, {"url": "", "label": self.page_title}]

    def before(self):
        return [{"url": reverse("cascade"), "label": Board.page_title}]


class OfEdition(Office):
    """Base of views about one edition."""

    def find(self, pk):
        editions = Edition.objects.without_text().select_related("page")
        self.edition = get_object_or_404(editions, pk=pk)


class Board(Office, TemplateView):
    """Agencies by editions: what was sent, what is confirmed, and whom it has reached."""

    page_title = "Cascade to agencies"
    template_name = "protocols/back_office/cascade.html"

    def before(self):
        return []

    def get_context_data(self, **kwargs):
        # Fetched whole: the form's choices need them all, and it saves the paginator's count query.
        found = list(cascade_figures.editions_sent())
        form = BoardForm(self.request.GET, editions=found)
        asked = form.cleaned_data if form.is_valid() else {}
        if protocol := asked.get("protocol"):
            found = [edition for edition in found if edition.page_id == protocol]
        editions = Paginator(found, EDITIONS).get_page(self.request.GET.get("editions"))
        agencies = cascade_figures.agencies_shown(editions.object_list, asked.get("agency", ""))
        page = Paginator(list(agencies), AGENCIES).get_page(self.request.GET.get("page"))
        figures = cascade_figures.figures_of(editions.object_list)
        return super().get_context_data(
            form=form,
            editions=editions,
            columns=[(edition, figures[edition.pk]) for edition in editions],
            agencies=page,
            rows=cascade_figures.cells(editions.object_list, page.object_list),
            **kwargs,
        )


class CascadeOfEdition(OfEdition, TemplateView):
    """Agencies that one edition was sent to: their contacts and their answers."""

    template_name = "protocols/back_office/cascade_edition.html"

    def find(self, pk):
        in_force = Edition.objects.in_force().filter(pk=OuterRef("pk"))
        others = not_sent(OuterRef(OuterRef("pk"))).order_by().values(one=Value(1))
        editions = (
            Edition.objects.without_text()
            .select_related("page")
            .annotate(
                stands=Exists(in_force),
                not_sent=Subquery(others.annotate(many=Count("pk")).values("many")),
            )
        )
        self.edition = get_object_or_404(editions, pk=pk)

    @property
    def page_title(self):
        return str(self.edition)

    def get_context_data(self, **kwargs):
        sent = self.edition.disseminations.select_related(
            "agency", "contact", "receipt__given_by",
            "receipt__counted_in__dissemination__agency",
        )  # fmt: skip
        sent = list(sent.with_end().with_name_today().order_by("agency__name"))
        readers = notices.mark_unasked(sent)
        return super().get_context_data(
            edition=self.edition,
            rows=[(one, readers.get(one.pk, [])) for one in sent],
            figures=cascade_figures.figures_of_all(sent, is_marked=True),
            may_send=access.is_protocol_editor(self.request.user),
            **kwargs,
        )


def not_sent(edition):
    """Return the current agencies without this edition, which may be a query expression."""
    has = Dissemination.objects.filter(edition=edition).values("agency")
    return Agency.objects.current().exclude(pk__in=has)


class AskingEditor(ConfirmActionView):
    """Base of confirmation pages for protocol editors."""

    may_enter = staticmethod(access.is_protocol_editor)


class Send(AskingEditor, OfEdition):
    button = "Send to agencies"
    template_name = "protocols/back_office/send.html"
    form_class = SendForm

    def get_form_kwargs(self):
        agencies = not_sent(self.edition).select_related("sector")
        agencies = agencies.order_by("sector__position", "sector__name", "name")
        return super().get_form_kwargs() | {"agencies": agencies}

    def question(self):
        policy = ProtocolPolicy.load()
        before, every = policy.chased_days_before, policy.chased_every_days
        agencies = list(not_sent(self.edition))
        leading = notices.leading_each()
        people = {person.pk for each in agencies for person in leading[each.pk]}
        asked = sum(bool(leading[each.pk]) for each in agencies)
        return (
            f"{self.edition}. Sent to all in the list, this emails {len(people)} "
            f"{'person' if len(people) == 1 else 'people'} for {asked} of {len(agencies)} "
            "agencies; "
            f"{len(agencies) - asked} have nobody to ask until you name somebody below. Each "
            "agency’s leads have an email with the reason for the change, and "
            f"are asked to pass it on and to confirm. They are reminded {before} days before the "
            f"day that you give, on it, and every {every} days after it, until they confirm or you "
            "stop."
        )

    def perform(self, agencies, **answers):
        by = self.request.user
        self.sent = dissemination.send(self.edition, agencies, by=by, **answers)

    def success_message(self):
        return notices.in_numbers(self.sent)

    def get_success_url(self):
        return reverse("cascade_of_edition", args=[self.edition.pk])


class OfAgency(AskingEditor, Office):
    """Base of confirmation pages about one edition at one agency."""

    form_class = NoQuestion

    def find(self, pk):
        found = Dissemination.objects.select_related("edition", "agency")
        self.sent = get_object_or_404(found.defer("edition__html", "edition__data"), pk=pk)

    def get_success_url(self):
        return reverse("cascade_of_edition", args=[self.sent.edition_id])

    def who_is_written_to(self):
        people = notices.who_sees_to([self.sent])[self.sent.pk]
        return ", ".join(person.name for person in people) or "nobody: name somebody first"


class NameSomebody(OfAgency):
    """Name who sees to it at an agency that has nobody to ask."""

    button = "Name and email them"
    page_title = "Name somebody"
    form_class = ContactForm

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"agency": self.sent.agency}

    def question(self):
        return (
            f"{self.sent.agency} has {self.sent.edition} to pass on, and nobody there to ask. Give "
            "the email address of somebody who works there. We’ll email that person at once."
        )

    def perform(self, email):
        dissemination.name_contact(self.sent, email, by=self.request.user)

    def success_message(self):
        return f"Emailed 1 person for {self.sent.agency}."


class StopChasing(OfAgency):
    button = "Ask no more"
    form_class = ReasonForm

    def question(self):
        return (
            f"{self.sent.agency} is no longer reminded of {self.sent.edition}. It may still "
            "confirm."
        )

    def perform(self, reason):
        reminders.stop_chasing(self.sent, reason=reason, by=self.request.user)

    def success_message(self):
        return f"{self.sent.agency} is not reminded any more."


class AskAgain(OfAgency):
    button = "Ask again"

    def question(self):
        return (
            f"{self.sent.agency} is reminded of {self.sent.edition} on the days to come. We write "
            f"to {self.who_is_written_to()}. Why it was asked no more: {self.sent.stopped_reason}"
        )

    def perform(self):
        reminders.ask_again(self.sent, by=self.request.user)

    def success_message(self):
        return f"{self.sent.agency} is asked again."


class Remind(OfAgency):
    button = "Remind now"

    def question(self):
        return f"About {self.sent.edition} we write to {self.who_is_written_to()}."

    def perform(self):
        reminders.remind(self.sent, by=self.request.user)

    def success_message(self):
        return f"{self.sent.agency} is reminded."


def edition_to_send(page):
    """Return the page's edition in force, or None if it is not a protocol."""
    return page.edition_in_force if isinstance(page, ProtocolPage) else None
