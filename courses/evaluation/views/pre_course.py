"""View to answer a course's questions before it begins."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from courses.evaluation import pre_course
from courses.evaluation.forms import BeforeForm
from courses.models import Booking


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request, pk):
    own = Booking.objects.visible_to(request.user).filter(person=request.user)
    found = get_object_or_404(own.select_related("run__course"), pk=pk)
    if refusal := pre_course.why_refused(found):
        messages.error(request, refusal)
        return redirect("courses:booking", found.pk)
    form = BeforeForm(request.POST if request.method == "POST" else None, booking=found)
    if form.is_valid():
        try:
            pre_course.answer(found, form.answers, by=request.user, scales=form.scales)
        except pre_course.PreCourseRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _said(found))
            return redirect("courses:booking", found.pk)
    page = {"booking": found, "run": found.run, "form": form}
    return render(request, "courses/pre_course.html", page)


def _said(before):
    if before.owes_answers:
        return "Thank you. We have sent you the joining instructions."
    return "Your answers are changed." if before.pre_course_at else "Thank you for your answers."
