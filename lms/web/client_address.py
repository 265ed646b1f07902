"""Find the address on the internet of who asks, by which limits count.

Each proxy of ours adds the address that it was asked from to `X-Forwarded-For`, so the last ones
are true and those before them are what a stranger wrote. A header that cannot be read, or that
fewer proxies have written, must not fail a page: what is known still counts.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from django.http import HttpRequest

# Counted for everybody whose address nothing tells, as through a socket of the machine.
UNKNOWN = "0.0.0.0"  # noqa: S104  (nothing listens there)
# Addresses of IPv6 that hold one of IPv4 (RFC 6052): in one /64, they would all count as one.
TRANSLATED = ipaddress.ip_network("64:ff9b::/96")


def client_address(request: HttpRequest) -> str:
    """Return the address that the outermost proxy of ours was asked from, or that asked us."""
    for said in (_forwarded_for(request), request.META.get("REMOTE_ADDR", "")):
        if found := parsed(said):
            return found
    return UNKNOWN


def _forwarded_for(request: HttpRequest) -> str:
    """Return the address of the header; its first one, where it passed fewer of our proxies."""
    count = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    said = request.headers.get("X-Forwarded-For", "")
    return said.split(",")[-count:][0] if count and said else ""


def parsed(said: str) -> str:
    """Parse an address, with its port or brackets; return '' if it is none.

    One of IPv4 that is written as one of IPv6 is returned as what it is.
    """
    said = said.strip()
    if said.startswith("["):
        said = said[1:].partition("]")[0]
    elif said.count(":") == 1:
        said = said.partition(":")[0]
    try:
        found = ipaddress.ip_address(said.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        if found in TRANSLATED:
            return str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF))
    return str(found)
