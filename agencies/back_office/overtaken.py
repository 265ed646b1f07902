"""Refuse a save of a form that somebody else's save has overtaken, and offer to lay it on top.

Every edit view of the back office takes `OvertakenMixin`; tests/test_overtaken.py finds them all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.datastructures import MultiValueDict
from django.utils.timezone import localtime
from wagtail.log_actions import registry as wagtail_log

from agencies.models import Person
from history.models import Event
from lms.formatting import day_and_time
from lms.web import overtaken
from lms.web.overtaken import Comparison, Formsets

if TYPE_CHECKING:
    from django.db.models import Model
    from django.http import HttpRequest

    from agencies.own_account.kept_text import Typed


def last_event(about: Model | None) -> int:
    """Return the number of the last event about this record; 0 if there is none."""
    last = about and about.pk and Event.objects.about(about).first()
    return last.pk if last else 0


def changed_by(about: Model | None, since: int) -> list[str]:
    """Return who changed this record after that event: 'Sam Ford (7 May 2027 at 9:30am)'."""
    if about is None or not about.pk:
        return []
    events = Event.objects.about(about).exclude(by_person=None)
    since_then = list(events.filter(pk__gt=since).order_by("pk")) or list(events[:1])
    found = [(event.by_person, event.at) for event in since_then]
    if not found and (entry := wagtail_log.get_logs_for_instance(about).first()):
        found = [(entry.user_id, entry.timestamp)]
    names = dict(Person.objects.filter(pk__in=[pk for pk, _ in found]).values_list("pk", "name"))
    when = {names.get(pk, "Somebody"): at for pk, at in found}
    return [f"{name} ({day_and_time(localtime(at))})" for name, at in when.items()]


def sentence(who: list[str]) -> str:
    """Say who changed the record meanwhile, and that nothing was saved."""
    return (
        f"{' and '.join(who) or 'Somebody'} changed this while you had it open, so your change "
        "has not been saved and nobody has been emailed about it."
    )


def said_of(shown: overtaken.Shown | None, about: Model | None) -> str:
    """Say why a form that showed this was not saved."""
    return sentence(changed_by(about, shown.event)) if shown else overtaken.INCOMPLETE


class OvertakenMixin:
    """Mixin for a view of a form that writes a whole record.

    The form carries what it showed. Under the record's lock that is compared with what the record
    says now; if it says something else, nothing is written, and the page shows the form of now with
    what was entered laid on top: pressing Save saves that.
    """

    object: Model | None
    overtaken: Comparison | None = None
    shown_now: overtaken.Shown | None = None

    def overtaken_record(self) -> Model | None:
        """Return the record that the form is of."""
        return self.object

    def fresh_record(self) -> None:
        """Lock the record and read it again, so that what is compared is what is overwritten."""
        record = self.get_object()
        lock(record)
        self.object = self.get_object()

    def fresh_form(self) -> forms.BaseForm:
        """Return the unbound form of the record as it is now."""
        kwargs = self.get_form_kwargs()
        kwargs.pop("data", None)
        kwargs.pop("files", None)
        form_class = self.get_form_class()
        return form_class(**kwargs)

    def fresh_formsets(self, extra: Mapping[str, int]) -> Formsets:
        """Return unbound formsets by what they hold, with so many lines more than usual."""
        return {}

    def shown_formsets(self) -> Formsets:
        """Return the formsets that the page shows."""
        return {}

    def use_formsets(self, formsets: Formsets) -> None:
        """Show these formsets on the page."""

    @property
    def about_form(self) -> str:
        """Return what the signature is bound to: one form of one record."""
        record = self.overtaken_record()
        label = record._meta.label_lower if record is not None else type(self).__qualname__
        return f"{label} {record.pk if record is not None else ''}"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        kept = getattr(request, "kept_text", None)
        if kept is None or kept.action != request.path:
            return super().get(request, *args, **kwargs)
        with transaction.atomic():
            self.fresh_record()
            return self.with_kept_text(kept)

    def with_kept_text(self, kept: Typed) -> HttpResponse:
        """Return the page with what somebody sent after their session had ended on top.

        If the record has changed since it was shown to them, the page says what and by whom.
        """
        sent = QueryDict(mutable=True)
        for name, values in kept.values.items():
            sent.setlist(name, values)
        kept.is_filled = True
        shown = overtaken.read_signed(sent.get(overtaken.FIELD, ""), self.about_form)
        found = Comparison(
            self.fresh_form(), self.fresh_formsets({}), shown, sent, MultiValueDict()
        )
        return self.laid_on_top(found, shown)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():
            self.fresh_record()
            return self.refused_as_overtaken() or super().post(request, *args, **kwargs)

    def refused_as_overtaken(self) -> HttpResponse | None:
        """Return the page that says what has changed meanwhile; None if nothing has.

        A form that does not say what it showed may have overtaken anything: it is refused too.
        """
        sent = self.request.POST
        shown = overtaken.read_signed(sent.get(overtaken.FIELD, ""), self.about_form)
        formsets = self.fresh_formsets({})
        found = Comparison(self.fresh_form(), formsets, shown, sent, self.request.FILES)
        if not found.is_overtaken:
            return None
        if shown and found.is_there_already:
            messages.success(self.request, "Saved already: all that you entered is there.")
            return redirect(self.get_success_url())
        return self.laid_on_top(found, shown)

    def laid_on_top(self, found: Comparison, shown: overtaken.Shown | None) -> HttpResponse:
        """Return the page with the form of now, and what was entered on top."""
        form = self.fresh_form()
        formsets = self.fresh_formsets({name: found.new_rows(name) for name in found.rows})
        found.lay_on_top(form, formsets)
        self.form, self.shown_now = form, found.now
        self.use_formsets(formsets)
        if found.is_overtaken:
            self.overtaken = found
            self.overtaken_sentence = said_of(shown, self.overtaken_record())
            if shown and found.is_anything_entered:
                self.submit_button_label = "Save with your change on top"
        return self.render_to_response(self.get_context_data(form=form))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.get("form") or getattr(self, "form", None) or self.get_form()
        self.form = kwargs["form"] = form
        if overtaken.FIELD not in form.fields:
            self.carry(form)
        context = super().get_context_data(**kwargs)
        if self.overtaken:
            context |= {
                "overtaken": self.overtaken,
                "overtaken_sentence": self.overtaken_sentence,
                "has_unsaved_changes": True,
                "submit_button_label": getattr(self, "submit_button_label", ""),
            }
        return context

    def carry(self, form: forms.BaseForm) -> None:
        """Let the form carry what it shows, or what the page showed that it was sent from."""
        initial = ""
        if not form.is_bound:
            shown = self.shown_now or overtaken.shown_by(form, self.shown_formsets())
            shown.event = last_event(self.overtaken_record())
            initial = overtaken.signed(shown, self.about_form)
        form.fields[overtaken.FIELD] = forms.CharField(
            required=False, initial=initial, widget=forms.HiddenInput
        )


def lock(record: Model) -> None:
    """Lock the row of this record until the transaction ends."""
    rows = record._meta.model._base_manager.select_for_update(of=["self"], no_key=True)
    rows.filter(pk=record.pk).values_list("pk").first()


def carried_form(
    request: HttpRequest, record: Model, build: Callable[[Any], forms.Form]
) -> forms.Form:
    """Return the form of a plain page: bound, unless another save has overtaken it.

    `build` makes it of the data that it is given, or unbound of None, of the record as it is now.
    Call it in a transaction that has locked the record and read it again. A form that was overtaken
    is unbound, with what was entered on top, and has `overtaken` and `overtaken_sentence`.
    """
    about, form = f"{record._meta.label_lower} {record.pk}", build(None)
    if request.method == "POST":
        sent = request.POST
        shown = overtaken.read_signed(sent.get(overtaken.FIELD, ""), about)
        found = Comparison(form, {}, shown, sent, request.FILES)
        if not found.is_overtaken or (shown and found.is_there_already):
            form = build(sent)
            form.fields[overtaken.FIELD] = forms.CharField(required=False, widget=forms.HiddenInput)
            return form
        form = build(None)
        found.lay_on_top(form, {})
        form.overtaken = found
        form.overtaken_sentence = said_of(shown, record)
        now = found.now
    else:
        now = overtaken.shown_by(form, {})
    now.event = last_event(record)
    form.fields[overtaken.FIELD] = forms.CharField(
        required=False, initial=overtaken.signed(now, about), widget=forms.HiddenInput
    )
    return form
