"""Views of My learning, and of a colleague who cannot sign in to have theirs."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agencies.models import Post
from agencies.views.lead import post_of_led_agency
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


@login_required
@require_safe
def colleague(request, pk):
    """Show a lead the certificates of somebody on their staff who has no email address."""
    without = Post.objects.current().filter(person__email=None, person__is_active=True)
    post = post_of_led_agency(request, pk, without)
    page = {"post": post, "completions": learning.completions_of(post.person, request.user)}
    return render(request, "record/colleague.html", page)
