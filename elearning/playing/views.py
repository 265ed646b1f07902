"""Page of the player on the site, around the frame that shows a package."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from elearning.learning import places
from elearning.learning.ending import refuse_ended
from elearning.learning.refusing import LearningRefused
from elearning.learning.views.lessons import to_module
from elearning.models import Attempt, Rule
from elearning.playing import hosting, saving
from elearning.playing.reports import playable
from elearning.playing.tokens import make_token


@login_required
@require_safe
def play(request, code, number):
    """Play a part of a package in a frame, with its contents and whether all is saved."""
    attempt = places.current(request.user, code)
    if attempt is None:
        return to_module(request, code)
    package, parts = attempt.version.package, places.parts(attempt)
    if package is None or not 1 <= number <= len(parts):
        raise Http404
    page = {
        "attempt": attempt,
        "module": attempt.module,
        "version": attempt.version,
        "parts": parts,
        "part": parts[number - 1],
        "number": number,
        "is_live": attempt.state == Attempt.State.BEGUN,
        "is_declared": attempt.version.rule == Rule.DECLARED,
        "result": places.result_address(attempt),
    }
    if not settings.CONTENT_ORIGIN:
        return render(request, "elearning/playing/off.html", page, status=503)
    item = playable(attempt.version)[number - 1]
    page["address"] = hosting.player_of(make_token(attempt.pk, item.pk, package.sha256))
    page["origin"] = settings.CONTENT_ORIGIN
    answer = render(request, "elearning/playing/player.html", page)
    answer._csp_update = {"frame-src": [settings.CONTENT_ORIGIN]}
    allowed = f'(self "{settings.CONTENT_ORIGIN}")'
    answer["Permissions-Policy"] = (
        f"unload={allowed}, autoplay={allowed}, fullscreen={allowed}, camera=(), microphone=(), "
        "geolocation=()"
    )
    return answer


@login_required
@require_POST
def declare(request, code):
    """Count the module as done, because the learner says that they have done it."""
    attempt = places.current(request.user, code)
    if attempt is None:
        return to_module(request, code)
    try:
        refuse_ended(attempt)
        attempt = saving.declare(attempt, by=request.user)
    except (LearningRefused, saving.PlayingRefused) as refused:
        messages.error(request, str(refused))
    return redirect(places.next_address(attempt))
