"""Public pages of protocols and editions; Wagtail checks first who may view the page."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.utils.http import quote_etag
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe
from wagtail.views import serve as wagtail_serve

from lms.paging import Paginator
from lms.web.downloads import in_turn, whole
from lms.web.pictures import TYPES
from protocols.drafts import content, copies
from protocols.editions import editions, pdfs, reviews
from protocols.editions.amendments import by_month
from protocols.models import Edition, ProtocolPage

PDF_IS_MADE_IN = "60"  # Seconds, for whoever is a program.


def in_force(request, page):
    """Show the latest edition: in force, or marked as withdrawn."""
    last = page.editions.order_by("-number").first()
    if not last:
        raise Http404
    return shown(request, page, last, editions=page.editions.without_text())


def edition(request, page, number):
    return shown(request, page, get_object_or_404(page.editions, number=number), is_archive=True)


def draft(request, page):
    """Preview the page as the edition it would become."""
    return shown(request, page, content.draft_of(page), is_draft=True)


def shown(request, page, edition, **more):
    """Render an edition from what it stores; only the frame around it is today's."""
    index = page.get_parent()
    reviewed = edition.found_right.last() if edition.pk else None
    newer = page.editions.filter(number__gt=edition.number).without_text()
    return render(
        request,
        "protocols/edition.html",
        {
            "page": page,
            "self": page,
            "edition": edition,
            "reviewed": reviewed,
            "elsewhere": reviews.places_of(edition),
            "newer": newer.order_by("-number").first(),
            "followed_by": newer.order_by("number").first(),
            "crumbs": [("Home", "/"), (index.title, index.get_url(request))],
            "address": settings.SITE_URL + page.path_of_page,
            "printed_on": timezone.localdate(),
        }
        | more,
    )


def amendments(request, index):
    """List changes by month in the protocols that anybody may read."""
    pages = ProtocolPage.objects.live().public()
    months = by_month(Edition.objects.filter(page__in=pages))
    crumbs = [("Home", "/"), (index.title, index.get_url(request))]
    # 15 months a page; older ones follow on the next.
    page = Paginator(months, 15).get_page(request.GET.get("page"))
    context = {"months": page, "crumbs": crumbs, "page": index, "self": index}
    return render(request, "protocols/amendments.html", context)


def pdf(request, page, number):
    """Serve the edition's PDF, or say that the worker is still to make it: 503."""
    edition = get_object_or_404(page.editions.without_text().select_related("page"), number=number)
    if (kept := pdfs.kept_of(edition)) is None:
        return awaited(request, edition)
    name = f"{page.slug}-version-{edition.number}.pdf"
    return served(request, kept, name)


@require_safe
@in_turn(seconds=0.5)
def pdf_at(request, path, number):
    """Serve the PDF of a version that anybody may read, without finding its page first.

    Looking up each page of the address and who may read it was most of the work. Whatever else is
    asked for goes the way of all pages, which comes to `pdf`.
    """
    kept = pdfs.for_anybody_at(request, path, number)
    if kept is None:
        return wagtail_serve(request, request.path_info.removeprefix("/"))
    return served(request, kept, f"{kept.slug}-version-{int(number)}.pdf")


def etag(request, kept, name):
    return quote_etag(kept.sha256)


@cache_control(no_cache=True)
@condition(etag_func=etag)
def served(request, kept, name):
    """Serve the file whole, to be kept but asked for again: a withdrawn version's is another."""
    return whole(pdfs.content_of(kept), name, "application/pdf")


def awaited(request, edition):
    """Say that the PDF is being made, with the way to the same text as a page."""
    answer = render(request, "protocols/pdf_awaited.html", {"edition": edition}, status=503)
    answer["Retry-After"] = PDF_IS_MADE_IN
    add_never_cache_headers(answer)
    return answer


def record(request, page, number):
    """Return the JSON text whose SHA-256 is the edition's digest."""
    edition = get_object_or_404(page.editions, number=number)
    text = editions.record_of(edition, edition.files.all())
    return HttpResponse(text, content_type="application/json")


def file(request, page, number, mark):
    """Serve an edition's file: pictures inline, anything else as a download.

    Only pictures keep their content type, so that nothing is executed on this origin.
    """
    edition = get_object_or_404(Edition.objects.only("pk"), page=page, number=number)
    kept = edition.files.filter(sha256__startswith=mark).first()
    if not kept or mark != kept.mark:
        raise Http404
    is_picture = kept.content_type in TYPES.values()
    answer = whole(
        copies.read(kept),
        kept.name,
        kept.content_type if is_picture else "application/octet-stream",
        as_attachment=not is_picture,
    )
    # The URL contains the content's digest, but who may view its page can change.
    patch_cache_control(answer, private=True, max_age=3600)
    return answer
