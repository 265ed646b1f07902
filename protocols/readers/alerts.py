"""Email subscriptions to changes of protocols: double opt-in, alerts, unsubscribing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

import history
from lms import jobs, links
from lms.mail import outbox
from lms.models import ActionLink, Mail
from protocols.models import Alert, Edition, ProtocolPage, Subscription, Topic

if TYPE_CHECKING:
    from django.db.models import QuerySet

CONFIRMS, STOPS = "alerts", "alerts_stop"
# Unconfirmed addresses are deleted after this.
CONFIRMED_WITHIN = dt.timedelta(days=7)
# Unsubscribe links must work in old mail too.
STOPS_FOR = dt.timedelta(days=5 * 365)
# Without a worker, alerts are sent this late but no later.
STAYS_DUE_FOR = dt.timedelta(days=7)
# Rate limit per address, so that nobody can flood another's mailbox.
ASKED_A_DAY = 3
A_BATCH = 50


@transaction.atomic
def subscribe(
    email: str, *, page: ProtocolPage | None = None, topic: Topic | None = None
) -> Subscription | None:
    """Mail a confirmation link to this address; return None if no mail was written.

    That is if it is subscribed already or was asked three times today. The form says the same to
    everybody, so that it reveals nothing about an address.
    """
    email = email.strip().lower()
    wanted, _ = Subscription.objects.get_or_create(email=email, page=page, topic=topic)
    if wanted.confirmed_at or _asked_today(email) >= ASKED_A_DAY:
        return None
    until = timezone.now() + CONFIRMED_WITHIN
    token = links.create(CONFIRMS, wanted, sent_to=email, until=until)
    told = {"what": wanted.what, "link": _address("protocols:confirm_alerts", token)}
    outbox.enqueue("alerts_confirm", to=email, about=wanted, context=told)
    return wanted


def _asked_today(email: str) -> int:
    since = timezone.now() - dt.timedelta(days=1)
    return Mail.objects.filter(to=email, template="alerts_confirm", created_at__gte=since).count()


@transaction.atomic
def confirm(link: ActionLink) -> Subscription:
    """Confirm the subscription. Raises LinkRefused."""
    links.redeem(link)
    wanted = subscription_of(link)
    if wanted is None:
        raise links.LinkRefused(
            "This is not asked for any more. Ask for it again on the protocol’s page."
        )
    Subscription.objects.filter(pk=wanted.pk, confirmed_at=None).update(confirmed_at=timezone.now())
    history.record("subscription.confirmed", wanted, by=f"LINK {link.pk}")
    return wanted


@transaction.atomic
def stop(link: ActionLink) -> None:
    """Delete the subscription with its address; idempotent."""
    wanted = subscription_of(link)
    if wanted is None:
        return
    history.record("subscription.ended", wanted, by=f"LINK {link.pk}")
    wanted.delete()


def subscription_of(link: ActionLink) -> Subscription | None:
    found = Subscription.objects.select_related("page", "topic").filter(pk=link.about_id)
    return found.first()


@jobs.in_words("Email somebody who asked to hear when a protocol changes")
def send() -> bool:
    """Mail up to 50 subscribers about new editions; return True while more are due.

    One mail per address and edition, whatever its subscriptions. Runs every minute; idempotent.
    """
    since = timezone.now() - STAYS_DUE_FOR
    editions = Edition.objects.in_force().filter(issued_at__gte=since).without_text()
    this, left = jobs.Round(send), A_BATCH
    for edition in editions.select_related("page").order_by("issued_at", "pk"):
        step = f"edition {edition.pk}"
        wanted = list(this.ready(due(edition), step=step)[:left])
        this.work(wanted, partial(_send, edition), step=step)
        left -= len(wanted)
        if left <= 0:
            return True
    return False


def due(edition: Edition):
    """Return subscriptions confirmed before the edition, whose address has no alert about it."""
    topics = ProtocolPage.topics.through.objects.filter(protocolpage=edition.page_id)
    narrow = topics.values("topic")
    wide = Topic.objects.filter(pk__in=narrow).values("parent")
    had = Alert.objects.filter(edition=edition, subscription__email=OuterRef("email"))
    wanted = Q(page=edition.page_id) | Q(topic__in=narrow) | Q(topic__in=wide)
    found = Subscription.objects.filter(wanted, confirmed_at__lte=edition.issued_at)
    return found.filter(~Exists(had)).order_by("email", F("page").asc(nulls_last=True), "pk")


def _send(edition: Edition, subscriptions: list[Subscription]) -> None:
    Edition.objects.select_for_update().only("pk").get(pk=edition.pk)
    each: dict[str, Subscription] = {}
    still = due(edition).filter(pk__in=[wanted.pk for wanted in subscriptions])
    for wanted in still.select_related("page", "topic"):
        each.setdefault(wanted.email, wanted)
    for wanted in each.values():
        _write(wanted, edition)
    alerts = (Alert(subscription=wanted, edition=edition) for wanted in each.values())
    Alert.objects.bulk_create(alerts)


def tell_alerted(edition: Edition, kind: str) -> None:
    """Tell subscribers who had an alert about this edition that it is withdrawn, or put back."""
    with outbox.batch():
        for wanted in alerted(edition).values():
            _write_of_end(wanted, edition, kind)


def alerted(edition: Edition) -> dict[str, Subscription]:
    """Return by address those who had an alert about this edition and still want alerts."""
    each: dict[str, Subscription] = {}
    had = Alert.objects.filter(edition=edition)
    had = had.select_related("subscription__page", "subscription__topic")
    for alert in had.order_by("pk"):
        each.setdefault(alert.subscription.email, alert.subscription)
    return each


def _write_of_end(wanted: Subscription, edition: Edition, kind: str) -> None:
    stop_link = _stop_link(wanted)
    told = {
        "name": "",
        "protocol": edition.title,
        "version": edition.label,
        "reason": edition.withdrawn_reason,
        "because": f"You have this email because you asked for one about {wanted.what}.",
        "address": links.address(edition.page.path_of_page),
        "stop_link": stop_link,
    }
    headers = _unsubscribing(stop_link)
    outbox.enqueue(kind, to=wanted.email, about=edition, context=told, headers=headers)


def _stop_link(wanted: Subscription) -> str:
    until = timezone.now() + STOPS_FOR
    token = links.create(STOPS, wanted, sent_to=wanted.email, until=until)
    return _address("protocols:stop_alerts", token)


def _unsubscribing(stop_link: str) -> dict[str, str]:
    """Return headers by which mail programs show a button that posts to this URL (RFC 8058)."""
    return {
        "List-Unsubscribe": f"<{stop_link}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _write(wanted: Subscription, edition: Edition) -> None:
    stop_link = _stop_link(wanted)
    told = {
        "what": wanted.what,
        "protocol": edition.title,
        "version": edition.label,
        "in_force_from": f"{edition.in_force_from:%-d %B %Y}",
        "reason": edition.reason,
        "address": links.address(edition.page.path_of_page),
        "stop_link": stop_link,
    }
    headers = _unsubscribing(stop_link)
    outbox.enqueue("protocol_alert", to=wanted.email, about=edition, context=told, headers=headers)


def _address(name: str, token: str) -> str:
    return links.address(reverse(name, args=[token]))


def unconfirmed(now: dt.datetime) -> QuerySet[Subscription]:
    """Return the subscriptions that were not confirmed in time."""
    return Subscription.objects.filter(confirmed_at=None, asked_at__lt=now - CONFIRMED_WITHIN)


def forget_unconfirmed(subscriptions: Sequence[Subscription]) -> None:
    """Delete those still unconfirmed: one may have been confirmed since it was listed."""
    chosen = Subscription.objects.filter(pk__in=[wanted.pk for wanted in subscriptions])
    chosen.filter(confirmed_at=None).delete()
