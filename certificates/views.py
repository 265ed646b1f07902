"""Public views to verify a certificate, and the holder's own views."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_cache_control
from django.utils.http import quote_etag
from django.views.decorators.http import condition, require_safe

from certificates import codes, content_store
from certificates.forms import CheckForm
from certificates.models import Certificate
from certificates.rate_limit import discreet, may_try


@require_safe
def check(request):
    """Ask for a code and redirect to its page, whether or not it exists."""
    form = CheckForm(request.GET or None)
    if form.is_valid():
        return discreet(redirect("certificates:verify", form.cleaned_data["code"]))
    return discreet(render(request, "certificates/check.html", {"form": form}))


@require_safe
def verify(request, code):
    read = codes.parse(code)
    if read and read != code:
        return discreet(redirect("certificates:verify", read))
    if not may_try(request):
        return discreet(render(request, "certificates/too_many.html", status=429))
    certificate = Certificate.objects.filter(code=read).first() if read else None
    if certificate is None:
        page = {"form": CheckForm(), "typed": code[:60]}
        return discreet(render(request, "certificates/not_found.html", page, status=404))
    return discreet(render(request, "certificates/verify.html", {"certificate": certificate}))


@require_safe
@login_required
def mine(request, number):
    found = held_or_404(request, number)
    return render(request, "certificates/mine.html", {"certificate": found})


@require_safe
@login_required
def download(request, number):
    return served(request, held_or_404(request, number))


def held_or_404(request, number):
    """Return the viewer's certificate; PostgreSQL rejects null characters, so replace them."""
    held = Certificate.objects.visible_to(request.user).filter(erased_at=None)
    return get_object_or_404(held, number=number.replace("\0", "?"))


def etag(request, certificate):
    return quote_etag(certificate.sha256)


@condition(etag_func=etag)
def served(request, certificate):
    """Serve the stored PDF; raise `content_store.Damaged` if it has changed."""
    response = HttpResponse(content_store.read(certificate), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{certificate.number}.pdf"'
    patch_cache_control(response, private=True, no_cache=True)
    return response
