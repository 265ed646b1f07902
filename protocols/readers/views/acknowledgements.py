"""Page on which a reader acknowledges the edition in force."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from protocols.models import Edition
from protocols.readers import acknowledgements


class ReadForm(forms.Form):
    """Acknowledgement form, with the edition's check question if it has one."""

    def __init__(self, *args, edition, **kwargs):
        super().__init__(*args, **kwargs)
        if edition.check_question:
            self.fields["answer"] = forms.ChoiceField(
                label=edition.check_question,
                choices=[(each["text"], each["text"]) for each in edition.check_answers],
                widget=forms.RadioSelect,
                error_messages={"required": "Choose an answer"},
            )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_reading(request, pk):
    """Ask on GET, record on POST; wrong answers are not stored."""
    edition = public_edition(request, pk)
    form = ReadForm(request.POST if request.method == "POST" else None, edition=edition)
    context = {
        "edition": edition,
        "form": form,
        "status": acknowledgements.reading_status(request.user, edition),
    }
    if form.is_valid():
        try:
            acknowledgements.acknowledge(edition, by=request.user, **form.cleaned_data)
        except acknowledgements.WrongAnswer as wrong:
            form.add_error("answer", str(wrong))
            context["part"] = wrong.part
        except acknowledgements.ReadingRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"You have read {edition.title}, {edition.label.lower()}.")
            return redirect(edition.page.path_of_page)
    return render(request, "protocols/read.html", context)


def public_edition(request, pk):
    """Return an edition of a live page that the user may view, in force or not; else 404."""
    edition = get_object_or_404(Edition.objects.select_related("page"), pk=pk, page__live=True)
    for restriction in edition.page.get_view_restrictions():
        if not restriction.accept_request(request):
            raise Http404
    return edition
