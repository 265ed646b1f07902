"""Answer health checks and, in development, show the outbox."""

from csp.decorators import csp_replace
from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Min, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lms.models import JobFailure, Mail
from lms.paging import Paginator
from lms.web import health

RESTORED = "This is a restored copy: its email is held back (manage.py send_held_mail)."


@require_safe
@never_cache
def healthz(request):
    """Report to monitoring whether this site can save."""
    if health.can_save():
        words = f"ok\n{RESTORED}" if health.is_held() else "ok"
        return HttpResponse(words, content_type="text/plain")
    return HttpResponse("unavailable", content_type="text/plain", status=503)


@require_safe
@never_cache
def healthz_jobs(request):
    """Report to monitoring which jobs have failed for an hour, and since when; nothing more."""
    try:
        failing = list(
            JobFailure.objects.to_report()
            .values_list("job")
            .annotate(since=Min("first_failed_at"), rows=Count("pk", filter=~Q(about_type="")))
            .order_by("since", "job")
        )
    except DatabaseError:
        return HttpResponse("unavailable", content_type="text/plain", status=503)
    lines = [f"{job} since {since:%Y-%m-%dT%H:%MZ}, rows: {rows}" for job, since, rows in failing]
    status = 503 if failing else 200
    return HttpResponse("\n".join(lines) or "ok", content_type="text/plain", status=status)


@require_safe
def dev_mail(request):
    _only_in_development()
    wanted = request.GET.get("to", "").replace("\0", "").strip()
    mails = Mail.objects.defer("html", "attachments")
    if wanted:
        mails = mails.filter(to__icontains=wanted)
    page = Paginator(mails, 20).get_page(request.GET.get("page"))
    return render(request, "dev/mail_list.html", {"mails": page, "wanted": wanted})


@require_safe
def dev_mail_one(request, pk):
    _only_in_development()
    return render(request, "dev/mail.html", {"mail": get_object_or_404(Mail, pk=pk)})


@require_safe
@csp_replace(
    {
        "default-src": ["'none'"],
        "script-src": None,
        "style-src": ["'unsafe-inline'"],
        "frame-ancestors": ["'none'"],
        "sandbox": ["allow-popups", "allow-top-navigation-by-user-activation"],
    }
)
def dev_mail_html(request, pk):
    """Show the HTML as a mail program does: inline styles only, no external resources."""
    _only_in_development()
    return HttpResponse(get_object_or_404(Mail, pk=pk).html)


def _only_in_development():
    if not settings.LMS_DEVELOPMENT:
        raise Http404
