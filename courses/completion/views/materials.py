"""View that serves a course handout to people who have a place or attended."""

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from courses.completion import materials
from courses.models import Booking
from lms.web.downloads import sandboxed


@login_required
@require_safe
def hand_out(request, pk, material_pk):
    """Serve a handout to who may have it now; 404 for everybody else."""
    own = Booking.objects.visible_to(request.user).filter(person=request.user)
    booking = get_object_or_404(own.select_related("run"), pk=pk)
    for material in materials.materials_for(booking):
        if material.pk == material_pk:
            return served(material)
    raise Http404


def served(material):
    """Build the response as a sandboxed attachment."""
    file = materials.download(material)
    return sandboxed(FileResponse(file, as_attachment=True, filename=material.file_name))
