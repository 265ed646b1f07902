"""Public pages of the indicators of need, and the tool to describe a concern with them."""

from csp.decorators import csp_replace
from django.conf import settings
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lms.paging import Paginator
from protocols.indicators.table import signs, table_of
from protocols.models import AgeGroup, AssessmentDomain, Indicator, Tier

# More than any board has in force; a compressed page of them stays below 120 kB.
ON_A_PAGE = 500
CRUMBS = [("Home", "/"), ("Protocols", "/protocols/")]


def in_force():
    return Indicator.objects.on(timezone.localdate())


@require_safe
def thresholds(request):
    domains, age_groups = list(AssessmentDomain.objects.all()), list(AgeGroup.objects.all())
    domain = chosen(request, "domain", domains)
    age_group = chosen(request, "age", age_groups)
    words = request.GET.get("q", "").replace("\0", "").strip()[:100]
    found = in_force().saying(words)
    found = found.filter(domain=domain) if domain else found
    found = found.for_age(age_group) if age_group else found
    page = Paginator(signs(found), ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "crumbs": CRUMBS,
        "domains": domains,
        "age_groups": age_groups,
        "domain": domain,
        "age_group": age_group,
        "words": words,
        "indicators": page,
        "table": table_of(page, Tier.objects.all(), domains),
        "today": timezone.localdate(),
        "address": settings.SITE_URL + request.path,
    }
    return render(request, "protocols/thresholds.html", context)


def chosen(request, name, among):
    """Return the object whose slug the query parameter names, or None."""
    slug = request.GET.get(name, "")
    return next((one for one in among if one.slug == slug), None)


@require_safe
def indicator(request, pk):
    """Show one indicator at its permanent URL: in force, to come or ended."""
    found = Indicator.objects.select_related("tier", "domain", "age_group")
    context = {
        "crumbs": [*CRUMBS, ("Indicators of need", "/protocols/thresholds/")],
        "indicator": get_object_or_404(found, pk=pk),
        "caption": f"Indicator {pk}",
    }
    return render(request, "protocols/thresholds_indicator.html", context)


@require_safe
@never_cache
@csp_replace({"connect-src": ["'none'"]})
def describe(request):
    """Show the tool that runs in the browser alone: its CSP allows no script to send anything."""
    context = {
        "crumbs": [*CRUMBS, ("Indicators of need", "/protocols/thresholds/")],
        "age_groups": AgeGroup.objects.all(),
        "table": table_of(signs(in_force()), Tier.objects.all(), AssessmentDomain.objects.all()),
        "today": timezone.localdate(),
        "stays_in_browser": True,
    }
    return render(request, "protocols/thresholds_describe.html", context)
