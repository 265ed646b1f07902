"""Views to answer an evaluation, by link or signed in, and to read a run's results."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from agencies import access
from courses.booking import signed_actions
from courses.evaluation import chart, evaluation
from courses.evaluation import results as evaluation_results
from courses.evaluation.forms import QuestionsForm
from courses.models import Evaluation, Run
from lms import links

ASKED = Evaluation.objects.select_related("booking__person", "booking__run__course")


@require_http_methods(["GET", "HEAD", "POST"])
def answer_by_link(request, token):
    """Show the evaluation of a signed link, and take answers once, by POST only."""
    link = links.find(evaluation.PURPOSE, token)
    asked = get_object_or_404(ASKED.all(), pk=link.about_id)
    closed = "" if asked.answered_at else links.why_refused(link)
    form = _form(request, asked)
    if form.is_valid() and not closed and not asked.answered_at:
        try:
            signed_actions.perform(link, evaluation.answer, asked, answers=form.answers)
        except evaluation.EvaluationRefused as refused:
            form.add_error(None, str(refused))
        except links.LinkRefused:
            return links.keep_private(redirect("courses:evaluation", token))
        else:
            return links.keep_private(redirect("courses:evaluation", token))
    return links.keep_private(_page(request, asked, form, closed))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request, pk):
    """Show and take the evaluation of the signed-in person's own booking."""
    asked = get_object_or_404(ASKED.visible_to(request.user), pk=pk)
    form = _form(request, asked)
    if form.is_valid() and not asked.answered_at:
        try:
            evaluation.answer(asked, form.answers, by=request.user)
        except evaluation.EvaluationRefused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("courses:my_evaluation", asked.pk)
    return links.keep_private(_page(request, asked, form))


@login_required
@require_safe
def results(request, run_id):
    """Show one run's results, without names, to its trainers and the office."""
    runs = Run.objects.registers_of(request.user).select_related("course", "venue")
    run = get_object_or_404(runs, pk=run_id)
    few_too = access.is_training_administrator(request.user)
    found = evaluation_results.results_of(Run.objects.filter(pk=run.pk), few_too=few_too)
    page = {
        "run": run,
        "results": found,
        "chart": chart.chart(found.scales),
        "words": evaluation_results.words_about(run, few_too=few_too),
        "columns": evaluation_results.COLUMNS,
        "few_too": few_too,
        "fewest": evaluation_results.FEWEST,
    }
    return render(request, "courses/evaluation_results.html", page)


def _form(request, asked):
    said = request.POST if request.method == "POST" else None
    return QuestionsForm(said, course=asked.run.course, kind=asked.kind)


def _page(request, asked, form, closed=""):
    page = {"asked": asked, "booking": asked.booking, "run": asked.run, "form": form}
    if asked.answered_at:
        page |= evaluation.what_follows(asked)
        return render(request, "courses/evaluation_answered.html", page)
    if closed:
        return render(request, "courses/evaluation_closed.html", page | {"closed": closed})
    return render(request, "courses/evaluation.html", page)
