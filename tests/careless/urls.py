"""What would booking be without its lock and its counter? The control of the served rush."""

import time

from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone

from courses.models import Booking, Run
from lms.urls import urlpatterns as the_sites

UNTIL_OTHERS_HAVE_COUNTED = 0.5


@login_required
def book(request, run_id):
    """Count, wait for the others, insert: each on its own, in no transaction that could queue."""
    run, post = get_object_or_404(Run, pk=run_id), request.user.posts.get()
    free = run.bookings.confirmed().count() < run.places
    time.sleep(UNTIL_OTHERS_HAVE_COUNTED)
    Booking.objects.create(
        run=run,
        person=request.user,
        agency=post.agency,
        state=Booking.State.CONFIRMED if free else Booking.State.WAITING,
        holds_place=free,
        queued_at=timezone.now(),
    )
    return redirect("/my/")


urlpatterns = [path("my/bookings/new/<int:run_id>/", book), *the_sites]
