"""URLs of the control site: two views without locks, for the served rushes.

Four requests at a time, in whichever process, all read before any of the four writes.
"""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone

from certificates.models import Certificate
from courses.models import Booking, Completion, Run
from lms.urls import urlpatterns as the_sites
from tests.factories import CertificateFactory


@login_required
def book(request, run_id):
    """Count, wait for the others, insert: each on its own, in no transaction that could queue."""
    run, post = get_object_or_404(Run, pk=run_id), request.user.posts.get()
    free = run.bookings.confirmed().count() < run.places
    settings.CARELESS_GATE.wait()
    Booking.objects.create(
        run=run,
        person=request.user,
        agency=post.agency,
        state=Booking.State.CONFIRMED if free else Booking.State.WAITING,
        holds_place=free,
        queued_at=timezone.now(),
    )
    return redirect("/my/")


@login_required
def get_certificate(request, pk):
    """Look, wait for the others, write."""
    completion = get_object_or_404(Completion, pk=pk, person=request.user)
    found = Certificate.objects.filter(award=completion.award).first()
    settings.CARELESS_GATE.wait()
    if found is None:
        found = CertificateFactory(holder=request.user, award=completion.award)
    return redirect(found)


urlpatterns = [
    path("my/bookings/new/<int:run_id>/", book),
    path("my/completions/<int:pk>/certificate/", get_certificate),
    *the_sites,
]
