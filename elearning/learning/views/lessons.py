"""Pages of lessons and scenarios."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from elearning.learning import learning, places
from elearning.learning.asking import drawn
from elearning.learning.refusing import LearningRefused
from elearning.models import Attempt, Module

OUT_OF_DATE = "That page was of another attempt, so nothing was changed. Go on from here."


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def item(request, code, number):
    """Show a lesson; a press finishes it, or a scenario, and leads to what is next."""
    attempt = places.current(request.user, code)
    if attempt is None:
        return to_module(request, code)
    if request.method == "POST":
        return _pressed(request, attempt, _finish)
    found = _item(attempt, number)
    if found["kind"] == "part":
        return redirect("elearning:play", code, number)
    if found["kind"] == "scenario":
        state = attempt.items.filter(key=found["key"]).first()
        at = places.situation_at(found, state)
        return redirect("elearning:situation", code, number, at)
    page = {"html": drawn(found["html"])} | _page(attempt, number, found)
    return render(request, "elearning/lesson.html", page)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def situation(request, code, number, at):
    """Show a situation of a scenario, its choices, and what follows from the one chosen."""
    attempt = places.current(request.user, code)
    if attempt is None:
        return to_module(request, code)
    if request.method == "POST":
        return _pressed(request, attempt, _choose, number, at)
    found = _item(attempt, number)
    if found["kind"] != "scenario" or not 1 <= at <= len(found["situations"]):
        raise Http404
    state = attempt.items.filter(key=found["key"]).first()
    chosen = dict(state.place.get("chosen", [])) if state else {}
    now = places.situation_at(found, state)
    if at != now and at not in chosen:
        return redirect("elearning:situation", code, number, now)
    return _situation(request, attempt, number, at, chosen.get(at), error="")


def _situation(request, attempt, number, at, choice, *, error):
    found = _item(attempt, number)
    shown = found["situations"][at - 1]
    made = shown["choices"][choice - 1] if choice else None
    page = {
        "situation": shown,
        "html": drawn(shown["html"]),
        "introduction": drawn(found["html"]) if at == 1 else "",
        "at": at,
        "made": made,
        "consequence": drawn(made["html"]) if made else "",
        "error": error,
    }
    return render(request, "elearning/situation.html", page | _page(attempt, number, found))


@login_required
@require_POST
def choose_again(request, code, number):
    """Go back to the beginning of a scenario, to try another way."""
    attempt = places.current(request.user, code)
    if attempt is None:
        return to_module(request, code)
    return _pressed(request, attempt, _again, number)


def to_module(request, code):
    """Lead whoever has not begun a module to its page, which says how."""
    get_object_or_404(Module, code=code)
    return redirect("elearning:module", code)


def _pressed(request, attempt, act, *where):
    """Do what a press of a page asks, if the attempt that the page showed is still this one."""
    try:
        if request.POST.get("attempt") != str(attempt.pk):
            raise LearningRefused(OUT_OF_DATE)
        return act(request, attempt, *where)
    except LearningRefused as refused:
        messages.error(request, str(refused))
        return redirect(places.next_address(attempt))


def _finish(request, attempt):
    done = learning.finish_item(attempt, request.POST.get("item", ""), by=request.user)
    return redirect(places.next_address(done))


def _choose(request, attempt, number, at):
    choice = request.POST.get("choice", "")
    if not (choice.isdecimal() and len(choice) < 3):
        found = _item(attempt, number)
        if found["key"] != request.POST.get("item") or not 1 <= at <= len(found["situations"]):
            raise LearningRefused(OUT_OF_DATE)
        return _situation(request, attempt, number, at, None, error="Choose what to do")
    key = request.POST.get("item", "")
    learning.choose(attempt, key, at, int(choice), by=request.user)
    return redirect("elearning:situation", attempt.module.code, number, at)


def _again(request, attempt, number):
    learning.choose_again(attempt, request.POST.get("item", ""), by=request.user)
    return redirect("elearning:situation", attempt.module.code, number, 1)


def _item(attempt, number):
    items = attempt.version.items
    if not 1 <= number <= len(items):
        raise Http404
    return items[number - 1]


def _page(attempt, number, found):
    """Return what every page of a part shows beside it: the contents, and the way on."""
    parts = places.parts(attempt)
    is_live = attempt.state == Attempt.State.BEGUN
    return {
        "module": attempt.module,
        "version": attempt.version,
        "attempt": attempt,
        "item": found,
        "number": number,
        "parts": parts,
        "part": parts[number - 1],
        "before": parts[number - 2] if number > 1 else None,
        "after": parts[number] if number < len(parts) else None,
        "is_live": is_live,
        "is_pressed": is_live and not parts[number - 1].is_done,
        "is_last": sum(not part.is_done for part in parts) == 1,
        "has_check": bool(attempt.version.pools),
    }
