"""Check page before a save that sends email: how many people get which, and a preview."""

from django.template.response import TemplateResponse

from agencies import access
from courses.scheduling import telling
from lms.mail import foreseeing
from lms.refused import Refused

# Names that the buttons of the check page send, besides what was entered.
EMAILS, REASON = "emails", "held_because"
OURS = {EMAILS, REASON, "csrfmiddlewaretoken"}


class EmailCheckMixin:
    """Mixin for an edit view whose save may send email: asks first, on a page that shows it."""

    check_template_name = "courses/back_office/check_emails.html"
    # On how many dates somebody is emailed, where a save concerns more than one.
    where_told = ""
    # What the button of the check page does, besides emailing so many people.
    does = "Save"
    # Whether the save may go without email, as a small correction, or hold the emails back.
    offers_quiet = False
    without_email = {}

    def save_for_now(self):
        """Save as the button says, by the verb, so that the mails can be foreseen."""
        return self.save_instance()

    def form_valid(self, form):
        """Save at once if nobody gets an email, or if the check page's button was pressed."""
        self.form, pressed = form, self.request.POST.get(EMAILS, "")
        if pressed == "back":
            return self.render_to_response(self.get_context_data(form=form))
        if pressed == "send":
            return super().form_valid(form)
        if pressed in ("correct", "hold") and self.offers_quiet:
            return self._save_quietly(form, pressed)
        try:
            mails = foreseeing.foresee(self.save_for_now)
        except Refused:
            mails = []
        return self._check(mails) if mails else super().form_valid(form)

    def _save_quietly(self, form, pressed):
        quiet = {
            "correct": {"is_correction": True},
            "hold": {"held_because": self.request.POST.get(REASON, "")},
        }
        self.without_email = quiet[pressed]
        try:
            return super().form_valid(form)
        except telling.TellingRefused as refused:
            self.without_email = {}
            return self._check(foreseeing.foresee(self.save_for_now), str(refused))

    def _check(self, mails, error=""):
        entered = [
            (name, value)
            for name, values in self.request.POST.lists()
            if name not in OURS
            for value in values
        ]
        where_told = self.where_told
        context = self.get_context_data(form=self.form) | {
            "page_title": "Check who gets an email",
            "kinds": foreseeing.by_kind(mails),
            "people": foreseeing.people_of(mails),
            "where_told": where_told,
            "does": self.does,
            "entered": entered,
            "error": error,
            "reason": self.request.POST.get(REASON, ""),
            "is_correction": self.offers_quiet and self._is_correction(),
            "may_hold": self.offers_quiet and access.is_training_administrator(self.request.user),
        }
        return TemplateResponse(self.request, self.check_template_name, context)

    def _is_correction(self):
        """Return whether this can be called a small correction, after which nobody is emailed."""
        self.without_email = {"is_correction": True}
        try:
            return not foreseeing.foresee(self.save_for_now)
        except Refused:
            return False
        finally:
            self.without_email = {}
