"""Public pages to subscribe to protocol changes, confirm and unsubscribe."""

from django import forms
from django.conf import settings
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from lms import links
from lms.web import rate_limits
from protocols.models import ProtocolPage, Topic
from protocols.readers import alerts


class AlertForm(forms.Form):
    email = forms.EmailField(
        label="Email address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": "Enter your email address"},
    )
    about = forms.ChoiceField(
        label="What do you want to hear about?",
        error_messages={"required": "Choose a protocol or a topic"},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        pages = ProtocolPage.objects.in_force().public().order_by("title")
        self.pages = {f"protocol-{pk}": title for pk, title in pages.values_list("pk", "title")}
        self.topics = {f"topic-{t.pk}": t.name for t in Topic.objects.all()}
        self.fields["about"].choices = [
            ("", "Choose"),
            ("One protocol", list(self.pages.items())),
            ("Every protocol on a topic", list(self.topics.items())),
        ]

    @property
    def wanted(self):
        kind, _, pk = self.cleaned_data["about"].partition("-")
        if kind == "topic":
            return {"topic": Topic.objects.get(pk=pk)}
        return {"page": ProtocolPage.objects.get(pk=pk)}


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request):
    """Ask for an address and mail it a confirmation link.

    The response is the same for every address and reveals nothing about it; rate-limited.
    """
    form = AlertForm(request.POST or None, initial={"about": request.GET.get("about", "")})
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        rates = settings.LMS_ALERT_SIGNUP_RATE
        if not rate_limits.may(request, "alerts", rates, key=rate_limits.mailbox_of(email)):
            return render(request, "protocols/alerts/too_many.html", status=429)
        alerts.subscribe(email, **form.wanted)
        return render(request, "protocols/alerts/asked.html", {"to": email})
    return render(request, "protocols/alerts/ask.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request, token):
    """Ask on GET, confirm on POST: mail scanners open links."""
    link = links.find(alerts.CONFIRMS, token)
    wanted, refused, done = alerts.subscription_of(link), links.why_refused(link), False
    if request.method == "POST" and not refused:
        try:
            wanted, done = alerts.confirm(link), True
        except links.LinkRefused as sentence:
            refused = str(sentence)
    page = {"wanted": wanted, "done": done or bool(wanted and wanted.confirmed_at)}
    page |= {"refused": refused}
    return links.keep_private(render(request, "protocols/alerts/confirm.html", page))


# Mail programs post here without a session (RFC 8058): the token is the proof.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request, token):
    link = links.find(alerts.STOPS, token)
    wanted = alerts.subscription_of(link)
    if request.method == "POST":
        alerts.stop(link)
        wanted = None
    return links.keep_private(render(request, "protocols/alerts/stop.html", {"wanted": wanted}))
