"""View of My learning."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.views.decorators.http import require_safe

from courses.completion.answering import answered_by
from courses.models import BookingPolicy, Evidence
from lms.registries.needs import MY_LEARNING, waiting_for
from protocols.readers import acknowledgements
from record import learning


def with_answers(sent):
    """Pair what waits for the training office with the day by which it answers."""
    waiting = list(sent)
    policy = BookingPolicy.load() if waiting else None
    return [(each, answered_by(each, policy)) for each in waiting]


@login_required
@require_safe
def my_learning(request):
    sent = Evidence.objects.visible_to(request.user).undecided().filter(person=request.user)
    page = {
        "sent": with_answers(sent.select_related("course", "sent_by")),
        **learning.own_record(request.user),
        "needs": waiting_for(request.user, MY_LEARNING),
        "protocols": acknowledgements.record_of(request.user, viewer=request.user),
    }
    return render(request, "record/my_learning.html", page)
