"""Pages of the check: its beginning, one question a page, and the result."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from elearning.learning import checking, places, results, standing
from elearning.learning.asking import Answered, Asked
from elearning.learning.followers import attempt_followers
from elearning.learning.forms import form_of
from elearning.learning.refusing import LearningRefused
from elearning.learning.views.lessons import to_module
from elearning.learning.views.modules import number_asked
from elearning.models import Attempt


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def check(request, code):
    """Say what the check is; a press draws its questions."""
    attempt = places.current(request.user, code)
    if attempt is None:
        return to_module(request, code)
    if request.method == "POST":
        try:
            attempt = checking.begin_check(attempt, by=request.user)
        except LearningRefused as refused:
            messages.error(request, str(refused))
        return redirect(places.next_address(attempt))
    if attempt.state != Attempt.State.BEGUN or attempt.check_begun_at:
        return redirect(places.next_address(attempt))
    if not attempt.version.pools:
        raise Http404
    parts = places.parts(attempt)
    page = {
        "module": attempt.module,
        "version": attempt.version,
        "left": [part for part in parts if not part.is_done],
        "asked": number_asked(attempt.version),
        "now": standing.of(attempt.module, request.user),
    }
    return render(request, "elearning/check.html", page)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def question(request, code, position):
    """Ask one question; once it is answered, say how."""
    attempt = places.current(request.user, code)
    if attempt is None:
        return to_module(request, code)
    answers = {each.position: each for each in attempt.answers.all()}
    if not answers:
        return redirect("elearning:check", code)
    if position not in answers:
        raise Http404
    shown = attempt.answers.select_related("question_version").get(position=position)
    if request.method == "POST":
        return _answer(request, attempt, shown, len(answers))
    first = places.first_open(attempt)
    if shown.given_at is None and position > first:
        return redirect(places.question_address(attempt, first))
    return _page(request, attempt, shown, len(answers))


def _answer(request, attempt, shown, many):
    asked = Asked(shown, attempt.seed)
    is_this = request.POST.get("asked", "") == str(shown.pk)
    form = form_of(asked, request.POST)
    if is_this and not shown.given_at and not form.is_valid():
        return _page(request, attempt, shown, many, form)
    try:
        if not is_this or not form.is_valid():
            raise LearningRefused("That page is out of date. This is the question now.")
        checking.give(attempt, shown.pk, form.given, by=request.user)
    except LearningRefused as refused:
        messages.error(request, str(refused))
    return redirect(places.question_address(attempt, shown.position))


def _page(request, attempt, shown, many, form=None):
    page = {
        "module": attempt.module,
        "version": attempt.version,
        "attempt": attempt,
        "position": shown.position,
        "many": many,
        "is_last": shown.position == many,
        "next": places.next_address(attempt),
    }
    if shown.given_at:
        answered = Answered(shown, attempt)
        page |= {"question": answered, "lesson": results.lesson_of(answered, attempt)}
        return render(request, "elearning/answered.html", page)
    asked = Asked(shown, attempt.seed)
    page |= {"question": asked, "form": form or form_of(asked)}
    return render(request, "elearning/question.html", page)


@login_required
@require_safe
def attempt(request, code, pk):
    """Show how an attempt ended, what it gives, and what to read again."""
    own = Attempt.objects.visible_to(request.user).filter(person=request.user, module__code=code)
    found = get_object_or_404(own.select_related("module", "version"), pk=pk)
    if found.state == Attempt.State.BEGUN:
        return redirect(places.next_address(found))
    now = standing.of(found.module, request.user)
    page = {
        "module": found.module,
        "version": found.version,
        "attempt": found,
        "now": now,
        "is_current": now.last is not None and now.last.pk == found.pk,
        "outcomes": results.by_outcome(found),
        "gives": [each for one in attempt_followers for each in one.gives(found.module)],
    }
    return render(request, "elearning/attempt.html", page)
