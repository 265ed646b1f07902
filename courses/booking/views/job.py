"""Page on which the person, or their agency's lead, changes the job of a booking."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from courses.booking import changing_job
from courses.booking.forms.job import JobForm
from courses.models import Booking
from lms.refused import Refused


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request, pk):
    """Show each job with what would follow; only the button changes it."""
    related = ("person", "agency", "run__course", "run__venue")
    found = get_object_or_404(
        Booking.objects.visible_to(request.user).select_related(*related), pk=pk
    )
    if not changing_job.may_change(found, request.user):
        raise Http404
    is_own = found.person_id == request.user.pk
    back = ("courses:booking", found.pk) if is_own else ("courses:agency_bookings",)
    choices = changing_job.choices(found) if found.is_live and not found.run.has_begun else []
    form = JobForm(request.POST or None, choices=choices, run=found.run, shows_titles=is_own)
    if form.is_valid():
        post, code = form.cleaned_data["post"], form.cleaned_data.get("cost_code", "")
        try:
            changed = changing_job.change_job(found, post, by=request.user, cost_code=code)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"The booking counts for {changed.agency} from now on.")
            return redirect(*back)
    page = {"booking": found, "run": found.run, "form": form, "choices": choices, "is_own": is_own}
    return render(request, "courses/booking_job.html", page)
