"""Pages of modules: the list, what one is, and the presses that begin and continue it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from elearning.learning import learning, places, standing
from elearning.learning.followers import attempt_followers
from elearning.learning.refusing import LearningRefused
from elearning.models import Attempt, Module, ModuleVersion


@require_safe
def modules(request):
    """List the modules that people can begin, with where the reader is in each."""
    issued = ModuleVersion.objects.not_withdrawn().without_content().order_by("-number")
    found = list(
        Module.objects.open_to_learners().prefetch_related(
            Prefetch("versions", queryset=issued, to_attr="issued")
        )
    )
    own = {}
    if request.user.is_authenticated:
        attempts = Attempt.objects.visible_to(request.user).filter(person=request.user)
        for attempt in attempts.order_by("round", "number"):
            own[attempt.module_id] = attempt
    listed = [(module, module.issued[0], own.get(module.pk)) for module in found]
    return render(request, "elearning/modules.html", {"modules": listed})


@require_safe
def module(request, code):
    """Show what a module is, how long it takes, what it gives, and what the reader can do."""
    found = get_object_or_404(Module, code=code)
    is_known = request.user.is_authenticated
    now = standing.of(found, request.user) if is_known else None
    newest = found.versions.not_withdrawn().first()
    if not (now and now.attempts) and not (found.is_open and newest):
        raise Http404
    attempt = places.current(request.user, code) if now and now.attempts else None
    version = attempt.version if attempt and (now.live or newest is None) else newest
    parts = places.parts(attempt) if attempt and attempt.version_id == version.pk else None
    page = {
        "module": found,
        "version": version,
        "now": now,
        "attempt": attempt,
        "parts": parts,
        "part": places.part_that_is_next(parts, attempt) if parts and now.live else None,
        "items": version.items,
        "asked": number_asked(version),
        "gives": [sentence for each in attempt_followers for sentence in each.gives(found)],
    }
    return render(request, "elearning/module.html", page)


@login_required
@require_POST
def begin(request, code):
    """Begin a module, or try again."""
    return _begin(request, code, learning.begin)


@login_required
@require_POST
def begin_again(request, code):
    """Begin again on the newest version, setting aside what was begun on an earlier one."""
    return _begin(request, code, learning.begin_again)


def _begin(request, code, verb):
    found = get_object_or_404(Module, code=code)
    try:
        attempt = verb(found, by=request.user)
    except LearningRefused as refused:
        messages.error(request, str(refused))
        return redirect("elearning:module", code)
    return redirect(places.next_address(attempt))


@login_required
@require_POST
def resume(request, code):
    """Go on with a module where the reader was, on whatever device."""
    attempt = places.current(request.user, code)
    if attempt is None:
        get_object_or_404(Module, code=code)
        return redirect("elearning:module", code)
    try:
        attempt = learning.resume(attempt, by=request.user)
    except LearningRefused as refused:
        messages.error(request, str(refused))
        return redirect("elearning:module", code)
    return redirect(places.next_address(attempt))


def number_asked(version):
    """Return how many questions a check of this version asks."""
    return sum(pool["draws"] for pool in version.pools)
