"""Pages on which people do a module."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from elearning.models import Module


@require_safe
def module(request, code):
    """Show what a module is, how long it takes and what it gives."""
    module = get_object_or_404(Module.objects.open_to_learners(), code=code)
    version = module.versions.not_withdrawn().first()
    return render(request, "elearning/module.html", {"module": module, "version": version})
