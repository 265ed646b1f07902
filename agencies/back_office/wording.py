"""Let the training office reword our mails."""

from django import forms
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.generic import FormView, TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet

from agencies import access, wording
from agencies.back_office.overtaken import OvertakenMixin, lock
from agencies.models import Board
from lms.mail import templates
from lms.mail.templates import MailText
from lms.models import Wording


class WordingForm(forms.Form):
    subject = forms.CharField(max_length=200, strip=True, required=False)
    text = forms.CharField(
        strip=True,
        required=False,
        widget=forms.Textarea(attrs={"rows": 22}),
        help_text="A line is left out when a placeholder in it is empty. A line by itself such as "
        "'See my bookings: {{ site_url }}/my/' becomes a button.",
    )

    def __init__(self, *args, kind, **kwargs):
        super().__init__(*args, **kwargs)
        self.kind = kind

    def mail_text(self):
        return MailText(self.cleaned_data["subject"], plain(self.cleaned_data["text"]))

    def clean(self):
        if sentence := wording.why_wrong(self.kind, self.mail_text()):
            raise forms.ValidationError(sentence)
        return super().clean()


def plain(text):
    """Normalise line ends to those of our templates, so that equal texts compare equal."""
    return "\n".join(text.splitlines())


class OfficePage(PermissionCheckedMixin, WagtailAdminTemplateMixin):
    model = Wording
    permission_required = "change"
    header_icon = "edit"
    index_url_name = ""

    def trail(self, *more):
        return [*super().get_breadcrumbs_items(), *more]


class WordingIndexView(OfficePage, TemplateView):
    page_title = "Wording of emails"
    template_name = "agencies/back_office/wordings.html"

    def get_breadcrumbs_items(self):
        return self.trail({"url": "", "label": self.page_title})

    def get_context_data(self, **kwargs):
        own = set(Wording.objects.values_list("kind", flat=True))
        kinds = [(kind, kind.name in own) for kind in templates.kinds().values()]
        return super().get_context_data(kinds=kinds, **kwargs)


class WordingView(OvertakenMixin, OfficePage, FormView):
    """Wording of one kind of mail: read, preview with samples, save, or restore the default."""

    form_class = WordingForm
    template_name = "agencies/back_office/wording.html"

    def dispatch(self, request, *args, **kwargs):
        self.kind = templates.kinds().get(kwargs["kind"])
        if self.kind is None:
            raise Http404
        self.page_title = self.kind.title
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self):
        index = {"url": reverse(self.index_url_name), "label": WordingIndexView.page_title}
        return self.trail(index, {"url": "", "label": self.page_title})

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"kind": self.kind.name}

    def get_initial(self):
        words = templates.in_use(self.kind.name)
        return {"subject": words.subject, "text": words.text}

    @property
    def about_form(self):
        return f"wording {self.kind.name}"

    def overtaken_record(self):
        return Wording.objects.filter(kind=self.kind.name).first()

    def fresh_record(self):
        """Lock the board, as words that are as delivered have no row of their own."""
        lock(Board.load())

    def get_success_url(self):
        return self.request.path

    def refused_as_overtaken(self):
        """Let a preview be: it overtakes nothing."""
        return None if "preview" in self.request.POST else super().refused_as_overtaken()

    def post(self, request, *args, **kwargs):
        if "take_back" not in request.POST:
            return super().post(request, *args, **kwargs)
        with transaction.atomic():
            self.fresh_record()
            if answer := self.refused_as_overtaken():
                return answer
            return self.take_back()

    def take_back(self):
        request = self.request
        wording.restore_default(self.kind.name, by=request.user)
        messages.success(request, "Emails of this kind are in our own words again.")
        return redirect(request.path)

    def form_valid(self, form):
        if "preview" in self.request.POST:
            return self.render_to_response(self.get_context_data(form=form, words=form.mail_text()))
        wording.customise(self.kind.name, form.mail_text(), by=self.request.user)
        messages.success(self.request, "Emails of this kind are in these words from now on.")
        return redirect(self.request.path)

    def get_context_data(self, words=None, **kwargs):
        explained = templates.explained(self.kind.name)
        samples = {name: sample for name, (_, sample) in explained.items()}
        words = words or templates.in_use(self.kind.name)
        subject, text = templates.fill(words, samples)
        return super().get_context_data(
            kind=self.kind,
            is_own=Wording.objects.filter(kind=self.kind.name).exists(),
            explained=explained,
            subject=subject,
            text=text,
            html=templates.as_html(subject, text),
            **kwargs,
        )


class WordingViewSet(ViewSet):
    name = "wording"
    icon = "edit"
    menu_label = "Wording of emails"
    menu_order = 241
    add_to_admin_menu = True

    def get_common_view_kwargs(self, **kwargs):
        return super().get_common_view_kwargs(
            index_url_name=self.get_url_name("index"), header_icon=self.icon, **kwargs
        )

    def get_urlpatterns(self):
        one = self.construct_view(WordingView)
        return [
            path("", self.construct_view(WordingIndexView), name="index"),
            path("<slug:kind>/", one, name="edit"),
        ]

    def get_menu_item(self, order=None):
        item = super().get_menu_item(order)
        item.is_shown = lambda request: access.is_training_administrator(request.user)
        return item
