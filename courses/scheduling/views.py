"""Views for trainers: answer a delivery request by signed link, and read the pack."""

from django import forms
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from courses.booking import signed_actions
from courses.models import DeliveryRequest, Run
from courses.scheduling import asking, trainer_pack, trainers
from lms import links
from lms.refused import Refused


class AnswerForm(forms.Form):
    note = forms.CharField(
        label="Anything that we should know",
        required=False,
        max_length=240,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Another day that suits, or what you need.",
    )
    can = forms.TypedChoiceField(
        choices=[("yes", "Yes"), ("no", "No")], coerce=lambda said: said == "yes"
    )


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request, token):
    """Show the request of a signed link, and take the answer once, by POST only."""
    link = links.find(asking.PURPOSE, token)
    asked = DeliveryRequest.objects.select_related("person", "run__course", "run__venue")
    asked = get_object_or_404(asked, pk=link.about_id)
    form, problem = AnswerForm(request.POST or None), links.why_refused(link)
    if form.is_valid():
        try:
            signed_actions.perform(link, trainers.answer, asked, **form.cleaned_data)
        except Refused as refused:
            problem = str(refused)
        else:
            return links.keep_private(redirect("courses:delivery", token))
    page = {"asked": asked, "run": asked.run, "form": form, "problem": problem}
    return links.keep_private(render(request, "courses/can_you_deliver.html", page))


@login_required
@require_safe
def trainers_pack(request, run_id):
    runs = Run.objects.registers_of(request.user).select_related("course", "venue")
    run = get_object_or_404(runs.prefetch_related("sessions", "trainers"), pk=run_id)
    return render(request, "courses/pack.html", {"run": run, "pack": trainer_pack.pack_of(run)})
