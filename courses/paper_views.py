"""How does a register get onto paper, and from paper onto the screen again?"""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from courses import paper
from courses.models import Run


@login_required
@require_safe
def printed(request, run_id):
    run = _run_or_404(request, run_id)
    if run.cancelled_at or not run.sessions.all():
        raise Http404
    response = HttpResponse(paper.register(run), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="register-{run.pk}.pdf"'
    patch_cache_control(response, private=True, no_store=True)
    return response


def _run_or_404(request, run_id):
    runs = Run.objects.registers_of(request.user).select_related("course", "venue")
    return get_object_or_404(runs.prefetch_related("sessions", "trainers"), pk=run_id)
