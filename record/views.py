"""View of My learning."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agencies.models import Post
from protocols.models import Approval
from protocols.readers import acknowledgements
from record import learning


@login_required
@require_safe
def my_learning(request):
    jobs = Post.objects.visible_to(request.user).filter(person=request.user)
    page = learning.record_of(request.user, viewer=request.user)
    page["protocols"] = acknowledgements.record_of(request.user, viewer=request.user)
    page["drafts"] = Approval.objects.to_answer(request.user)
    page["has_job"] = jobs.current().exists()
    page["has_asked"] = jobs.waiting_for_confirmation().exists()
    return render(request, "record/my_learning.html", page)
