"""Admin views of the telephone screen."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.generic import TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from agencies import access
from agencies.back_office.confirm_action import ConfirmActionView
from agencies.back_office.overtaken import OvertakenMixin, lock
from agencies.double_accounts import double_accounts
from agencies.models import Person
from agencies.sign_in_links import sign_in_links
from courses.booking import booking
from courses.rules import eligibility
from lms.formatting import weekday
from record.telephone import telephone
from record.telephone.forms import BookForm, CorrectForm, FindForm, SignInLinkForm


class OfficesMixin(WagtailAdminTemplateMixin):
    """Mixin of admin views for training administrators, about a person visible to them."""

    header_icon = "mobile-alt"
    person = None

    def dispatch(self, request, *args, **kwargs):
        if not access.is_training_administrator(request.user):
            raise PermissionDenied
        if "pk" in kwargs:
            people = Person.objects.visible_to(request.user)
            people = people.annotate(has_another_account=double_accounts.has_another())
            self.person = get_object_or_404(people, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_success_url(self):
        return reverse("telephone_person", args=[self.person.pk])

    def get_breadcrumbs_items(self):
        items = [*self.breadcrumbs_items, {"url": reverse("telephone"), "label": "Telephone"}]
        if self.person:
            items.append({"url": self.get_success_url(), "label": self.person.name})
        return items


class FindView(OfficesMixin, TemplateView):
    """Search box that redirects to the person when only one is found."""

    page_title = "Telephone"
    template_name = "record/telephone.html"

    def get(self, request, *args, **kwargs):
        self.form = FindForm(request.GET)
        self.form.fields["q"].widget.attrs["autofocus"] = True
        asked = self.form.cleaned_data["q"] if self.form.is_valid() else ""
        self.asked = asked.strip()
        self.found = telephone.find(self.asked, viewer=request.user)
        if len(self.found) == 1:
            return redirect("telephone_person", self.found[0].pk)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        most = telephone.MOST_FOUND
        return super().get_context_data(
            form=self.form,
            asked=self.asked,
            found=self.found[:most],
            most=most if len(self.found) > most else 0,
            **kwargs,
        )


class PersonView(OfficesMixin, TemplateView):
    template_name = "record/telephone_person.html"

    @property
    def page_title(self):
        return self.person.name

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            person=self.person,
            find=FindForm(),
            back=self.get_success_url(),
            **telephone.screen_of(self.person, viewer=self.request.user),
            **kwargs,
        )


class ForPersonView(ConfirmActionView, OfficesMixin):
    """Confirmation view that passes the person to its form."""

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"person": self.person}


class BookView(ForPersonView):
    button = "Book a place"
    form_class = BookForm

    def question(self):
        return (
            f"For {self.person.name}, as if they did it themselves: the same rules, the same mail. "
            "By booking they say that their manager agrees."
        )

    def perform(self, run, **answers):
        self.clashes = eligibility.clashes(run, self.person)
        self.other_dates = eligibility.other_dates(run, self.person)
        self.made = booking.request_place(run, self.person, by=self.request.user, **answers)

    def success_message(self):
        done = f"{self.made.run.course.title}: {self.made.get_state_display().lower()}."
        if self.clashes:
            others = eligibility.listed(clash.run.course.title for clash in self.clashes)
            done += f" Tell them that it overlaps with their place on {others}."
        if self.other_dates:
            days = eligibility.listed(
                weekday(timezone.localdate(each.run.starts_at)) for each in self.other_dates
            )
            done += f" Tell them that they are booked or waiting for this course on {days} too."
        return done


class CorrectView(OvertakenMixin, ForPersonView):
    button = "Correct name or address"
    form_class = CorrectForm

    def overtaken_record(self):
        return self.person

    def fresh_record(self):
        lock(self.person)
        self.person.refresh_from_db()

    def get_initial(self):
        person = self.person
        return {"name": person.name, "email": person.email, "telephone": person.telephone}

    def question(self):
        return (
            "Certificates that were issued keep the name that is on them. A new email address is "
            "proven when they next sign in with a code sent to it. Make sure that it is the person "
            "who asks for this."
        )

    def perform(self, **facts):
        telephone.correct(self.person, by=self.request.user, **facts)

    def success_message(self):
        return "That is corrected."


class SignInLinkView(ConfirmActionView, OfficesMixin):
    button = "Send a sign-in link that is good for 60 minutes"
    form_class = SignInLinkForm

    def question(self):
        if refusal := sign_in_links.why_not(self.person):
            return f"No link can be sent. {refusal}"
        return (
            f"{self.person.name} gets an email at {self.person.email} with a link that signs them "
            "in once, within 60 minutes, on any device. Links that were sent before stop working. "
            "Staff still need the code of their authenticator app."
        )

    def perform(self, is_them):
        sign_in_links.send(self.person, by=self.request.user)

    def success_message(self):
        return f"The link is on its way to {self.person.email}. Reload to see if it was accepted."


class SendAgainView(ConfirmActionView, OfficesMixin):
    button = "Send again"

    def dispatch(self, request, *args, **kwargs):
        self.mail_pk = kwargs["mail_pk"]
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def letter(self):
        mails = telephone.mails_of(self.person, viewer=self.request.user)
        return get_object_or_404(mails, pk=self.mail_pk)

    def question(self):
        return (
            f"The same words, ‘{self.letter.subject}’, go to {self.person.email} once more, with "
            "what was attached. A link in it that has been used or has expired stays so."
        )

    def perform(self):
        telephone.send_again(self.letter, self.person, by=self.request.user)

    def success_message(self):
        return "It waits to be sent again."
