"""Serialise saves of one page, and refuse those that another has overtaken (`EditViewInTurn`)."""

from django import forms
from django.db import transaction
from django.utils.functional import cached_property
from wagtail.admin.views.pages.edit import EditView
from wagtail.models import Page

from lms.formatting import day_and_time
from lms.refused import Refused
from lms.web import overtaken
from lms.web.overtaken import Shown
from lms.web.overtaken_pages import PageComparison, shown_by


class EditViewInTurn(EditView):
    """Wagtail edit view that locks the page while it is saved, and lets no save undo another.

    Wagtail reads the whole page and writes it back when the form is valid: an autosave that had
    read the page before it was published unpublished it again. It refuses an autosave of an
    overtaken revision, and takes one that is saved by hand; here neither is saved. The form carries
    digests of what it showed, so that what somebody entered can be told from what they saw.
    """

    overtaken = None

    def dispatch(self, request, page_id, **kwargs):
        if request.method != "POST":
            return super().dispatch(request, page_id, **kwargs)
        with transaction.atomic():
            Page.objects.select_for_update().filter(pk=page_id).first()
            try:
                return super().dispatch(request, page_id, **kwargs)
            except Refused as error:  # The save is committed before the refusal propagates.
                refused = error
        raise refused

    @property
    def about_form(self):
        return f"page {self.real_page_record.pk}"

    @cached_property
    def shown(self):
        """Return the digests of what the form showed; None if it carries none."""
        sent = self.request.POST.get(overtaken.FIELD, "")
        found = overtaken.read_signed(sent, self.about_form)
        return found.fields if found else None

    @property
    def is_incomplete(self):
        """Return whether the form names neither what it showed nor the revision that it showed.

        A page that Wagtail saved by itself as it was being created names the revision alone.
        """
        sent = self.request.POST
        named = sent.get("overwrite_revision_id") or sent.get("loaded_revision_id")
        return self.shown is None and not (named and not sent.get(overtaken.FIELD))

    @property
    def is_own_autosave(self):
        """Return whether only this editor has saved the page since the form names its revision.

        Wagtail saved the page by itself as it was being created, and the form carries nothing but
        that revision. No other editor overwrites it in place: each of them makes one of its own.
        Its time differs when the answer to the last autosave has not arrived before the press.
        """
        sent, latest = self.request.POST, self.latest_revision
        return bool(
            latest
            and overtaken.FIELD not in sent
            and sent.get("loaded_revision_id") == str(latest.pk)
            and latest.user_id == self.request.user.pk
        )

    @cached_property
    def is_out_of_date(self):
        """Return True also where the page had no revision when it was opened, and has one now."""
        if self.is_own_autosave:
            return False
        if super().is_out_of_date or self.is_incomplete:
            return True
        known = {"loaded_revision_id", "overwrite_revision_id"} & self.request.POST.keys()
        return bool(self.latest_revision and self.shown and not known)

    def form_valid(self, form):
        return self.refused_as_overtaken(form) or super().form_valid(form)

    def form_invalid(self, form):
        if not self.is_out_of_date or self.expects_json_response:
            return super().form_invalid(form)
        # What is put right is still to be compared with what was shown first.
        sent = self.request.POST
        self.page.latest_revision_id = sent.get("loaded_revision_id") or None
        self.latest_revision_created_at = sent.get("loaded_revision_created_at", "")
        return super().form_invalid(form)

    def refused_as_overtaken(self, form):
        """Return the page that says what has changed meanwhile; None if nothing has."""
        if not self.is_out_of_date or self.expects_json_response:
            return None
        entered = form.save(commit=False)
        now = self.real_page_record.get_latest_revision_as_object()
        base = self.shown
        if own := self.request.POST.get("overwrite_revision_id"):
            # What this editor has autosaved is what it shows by now.
            revision = self.real_page_record.revisions.filter(pk=own).first()
            base = shown_by(revision.as_object(), form) if revision else base
        compared = PageComparison(now, entered, base or {}, form, self.is_incomplete)
        if not self.is_incomplete and (compared.is_same or (base and not compared.theirs)):
            return None  # Nothing but comments was saved meanwhile, or just what was entered.
        self.overtaken = compared
        self.page = self.overtaken.merged()
        self.has_unsaved_changes = True
        self.form = self.form_class(
            instance=self.page,
            subscription=self.subscription,
            parent_page=self.parent,
            for_user=self.request.user,
        )
        self.overtaken.mark_removed(self.form)
        return self.render_to_response(self.get_context_data())

    @property
    def overtaken_sentence(self):
        if self.is_incomplete:
            return overtaken.INCOMPLETE
        revision = self.latest_revision
        who = str(revision.user) if revision.user else "Somebody"
        return (
            f"{who} saved this page on {day_and_time(revision.created_at)} while you had it open, "
            "so your change has not been saved."
        )

    def get_context_data(self, **kwargs):
        if not self.expects_json_response and overtaken.FIELD not in self.form.fields:
            self.carry()
        context = super().get_context_data(**kwargs)
        if self.overtaken:
            context |= {
                "overtaken": self.overtaken,
                "overtaken_sentence": self.overtaken_sentence,
            }
        return context

    def carry(self):
        """Let the form carry what it shows, or what the page showed that it was sent from."""
        initial = ""
        if not self.form.is_bound:
            latest = self.real_page_record.get_latest_revision_as_object()
            shown = Shown(shown_by(latest, self.form))
            initial = overtaken.signed(shown, self.about_form)
        self.form.fields[overtaken.FIELD] = forms.CharField(
            required=False, initial=initial, widget=forms.HiddenInput
        )
