"""Views of My learning, and of a colleague who cannot sign in to have theirs."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agencies.models import Post
from agencies.views.lead import post_of_led_agency
from courses.completion.answering import answered_by
from courses.models import BookingPolicy, Evidence
from elearning.learning import progress
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
        "modules": progress.unfinished_of(request.user),
        "needs": waiting_for(request.user, MY_LEARNING),
        "protocols": acknowledgements.record_of(request.user, viewer=request.user),
    }
    return render(request, "record/my_learning.html", page)


@login_required
@require_safe
def colleague(request, pk):
    """Show a lead the certificates of somebody on their staff who has no email address."""
    without = Post.objects.current().filter(person__email=None, person__is_active=True)
    post = post_of_led_agency(request, pk, without)
    page = {"post": post, "completions": learning.completions_of(post.person, request.user)}
    return render(request, "record/colleague.html", page)
