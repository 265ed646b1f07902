"""View of My learning."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lms.registries.needs import MY_LEARNING, waiting_for
from protocols.readers import acknowledgements
from record import learning


@login_required
@require_safe
def my_learning(request):
    page = {
        **learning.own_record(request.user),
        "needs": waiting_for(request.user, MY_LEARNING),
        "protocols": acknowledgements.record_of(request.user, viewer=request.user),
    }
    return render(request, "record/my_learning.html", page)
