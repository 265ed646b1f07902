"""Queue mails in the database and deliver them, with retries and a result for each address."""

from __future__ import annotations

import logging
import smtplib
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.mime.base import MIMEBase
from email.utils import formataddr, make_msgid, parseaddr
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Model, Q
from django.utils import timezone

from lms.gathering import batch as batch
from lms.gathering import insert
from lms.jobs.clock import database_now
from lms.mail import holding, outages, templates
from lms.models import Mail

logger = logging.getLogger(__name__)
Addressee = TypeVar("Addressee")

# Kind of the mail that asks somebody to tell a person who has no address.
PLEASE_TELL = "please_tell"

# Pauses after temporary refusals; after the last, two days on, the mail is listed as failed.
PAUSES = [timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 480, 720, 1440)]
# "Service not available, closing transmission channel" (RFC 5321, 3.8).
HANGS_UP = 421
# Mails fetched at once; another worker may claim some of them first.
AT_A_LOOK = 20
# Tells auto-responders not to answer (RFC 3834).
# Begins the subject of a mail that asks again what an earlier one asked.
REMINDER = "Reminder: "
# Begins the subject of a mail that asks again because the facts of an earlier one have changed.
CHANGED = "Changed: "
HEADERS = {"Auto-Submitted": "auto-generated"}


# Whether a mail to an unusable address is listed as failed rather than refused.
_lists_refused: ContextVar[bool] = ContextVar("lists_refused", default=False)


class AddressRefused(ValueError):
    """An address that cannot receive mail. Its message omits the address, as it is logged."""

    def __init__(self) -> None:
        super().__init__("Not one email address")


def enqueue(
    template: str,
    *,
    to: Model | str,
    cc: Iterable[Model | str] = (),
    context: Mapping[str, str] | None = None,
    about: Model | None = None,
    attachments: Iterable[tuple[str, str | bytes, str]] = (),
    not_before: datetime | None = None,
    headers: Mapping[str, str] | None = None,
    again: bool = False,
    changed: bool = False,
) -> Mail:
    """Queue a mail made from templates/emails/<template>.txt, sent if the caller commits.

    The template's first line is the subject. `to` and `cc` are people or addresses; `context` has
    the placeholders' values; `about` is the object that the mail is about. What is for a person
    without an address goes to whom `person.news_to(about)` names, with the request to tell them;
    this returns the first of these mails. An attachment is (file
    name, content, media type); `headers` are added to the usual ones. `again` marks a reminder,
    whose subject tells it from the first mail, in whatever words the board has; `changed` marks
    a question put again because what it is about has changed.
    """
    with templates.cached_context():
        subject, text = templates.render(template, context or {})
        if again and not subject.startswith(REMINDER):
            subject = REMINDER + subject
        if changed:
            subject = CHANGED + subject
        readers: list[Any] = [to]
        if not isinstance(to, str) and not _bare(to):
            readers = to.news_to(about)  # type: ignore[attr-defined]
            message = {"name": str(to), "subject": subject, "message": text.strip()}
            subject, text = templates.render(PLEASE_TELL, message)
        mails = [
            _write(
                to=_address(reader, refuses=not _lists_refused.get()),
                cc=[] if number else [_address(one) for one in cc],
                subject=subject,
                text=text,
                template=template,
                about=about,
                attachments=[_kept(*one) for one in attachments],
                not_before=not_before,
                headers=dict(headers or {}),
            )
            for number, reader in enumerate(readers)
        ]
        return mails[0]


def enqueue_each(people: Iterable[Addressee], write: Callable[[Addressee], object]) -> None:
    """Call `write`, which queues one mail, for each of several people with the same notice.

    A mail to an unusable address is listed as failed, to be corrected and resent, and does not
    hold up the others. Raises AddressRefused, having queued nothing, when that is so of all.
    """
    people = list(people)
    refused = [person for person in people if not _is_written(person, write)]
    if refused and len(refused) == len(people):
        raise AddressRefused
    token = _lists_refused.set(True)
    try:
        for person in refused:
            write(person)
    finally:
        _lists_refused.reset(token)


def _is_written(person: Addressee, write: Callable[[Addressee], object]) -> bool:
    try:
        write(person)
    except AddressRefused:
        return False
    return True


def can_reach(of: Model | str) -> bool:
    """Return whether this is, or has, a single email address that can receive mail."""
    return _is_one_address(_bare(of))


def _write(**words) -> Mail:
    with templates.cached_context():
        mail = _written(**words)
    insert(mail)
    return mail


def _written(*, to, cc, subject, text, about=None, html="", sender="", not_before=None, **kept):
    if not _is_one_address(to):
        kept |= _never_sent(to)
    return Mail(
        message_id=make_msgid(domain=urlsplit(settings.SITE_URL).hostname),
        sender=sender or _our_address(),
        to=to,
        cc=[one for one in dict.fromkeys(cc) if one != to],
        subject=subject,
        text=text if html else templates.signed(text),
        html=html or templates.as_html(subject, text),
        headers=HEADERS | _reply_to() | kept.pop("headers", {}),
        about_type=about._meta.label_lower if about else "",
        about_id=str(about.pk) if about else "",
        due_at=not_before or timezone.now(),
        **kept,
    )


def _our_address() -> str:
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return formataddr((name or templates.one_line(templates.board().name), address))


def _reply_to() -> dict[str, str]:
    """Build the header by which an answer reaches the office, whatever address sends."""
    of = templates.board()
    return {"Reply-To": formataddr((templates.one_line(of.name), of.email))} if of.email else {}


def _never_sent(to: str) -> dict[str, Any]:
    """Build the fields of a mail to an unusable address: failed, to be corrected."""
    why = str(AddressRefused())
    facts = {"refused": {to: why}, "last_error": why, "last_try_at": timezone.now()}
    return facts | {"state": Mail.FAILED, "to_is_answered": True}


def _address(of: Model | str, *, refuses: bool = True) -> str:
    """Return a usable address or raise AddressRefused; full validation happens in the forms."""
    address = _bare(of)
    if refuses and not _is_one_address(address):
        raise AddressRefused
    return address[:254]


def _bare(of: Model | str) -> str:
    address: str | None = of if isinstance(of, str) else of.email  # type: ignore[attr-defined]
    return (address or "").strip()


def _is_one_address(address: str) -> bool:
    return "@" in address and len(address.split()) == 1 and "," not in address


def _kept(name: str, content: str | bytes, kind: str) -> dict[str, str]:
    content = content.encode() if isinstance(content, str) else content
    return {"name": name, "content": b64encode(content).decode("ascii"), "type": kind}


def cancel_pending(things: Sequence[Model], *kinds: str) -> list[Mail]:
    """Drop unclaimed queued mails of these kinds about objects of one model; return them.

    For actions that make their content untrue. A mail that a worker has claimed is still sent.
    """
    if not things:
        return []
    waiting = Mail.objects.filter(
        about_type=things[0]._meta.label_lower,
        about_id__in=[str(thing.pk) for thing in things],
        template__in=kinds,
        state=Mail.QUEUED,
        claimed_by="",
    )
    # Locked first, so that the mails returned are the mails dropped.
    found = list(waiting.select_for_update().only("template", "about_id").order_by("pk"))
    Mail.objects.filter(pk__in=[mail.pk for mail in found]).update(state=Mail.DROPPED)
    return found


@transaction.atomic
def resend(mail: Mail, *, by: Model, to: str | None = None) -> Mail:
    """Queue a mail again, unchanged, for only those whom it did not reach.

    `to` replaces the first of them. The copy has its own Message-ID: a server may drop a second
    message with the same one.
    """
    first, *others = mail.missed or [mail.to]
    kept = ("sender", "subject", "text", "html", "attachments", "template")
    return Mail.objects.create(
        **{name: getattr(mail, name) for name in kept},
        headers=_reply_to() | mail.headers,
        message_id=make_msgid(domain=urlsplit(settings.SITE_URL).hostname),
        to=_address(to or first),
        cc=[one for one in others if one != to],
        about_type=mail.about_type,
        about_id=mail.about_id,
        resend_of=mail,
        resent_by=by.pk,
    )


class OutboxBackend(BaseEmailBackend):
    """Email backend that queues the mails of Django, allauth and Wagtail in the outbox."""

    def send_messages(self, messages):
        for message in messages:
            for to, cc in self._envelopes(message):
                self._keep(message, to, cc)
        return len(messages)

    def _envelopes(self, message: EmailMessage):
        """Yield (to, cc) for the visible recipients together, then for each blind copy alone."""
        seen = [parseaddr(one)[1] for one in [*message.to, *message.cc]]
        if seen:
            yield seen[0], seen[1:]
        for one in message.bcc:
            yield parseaddr(one)[1], []

    def _keep(self, message: EmailMessage, to: str, cc: list[str]):
        alternatives = getattr(message, "alternatives", [])
        _write(
            to=_address(to),
            cc=cc,
            subject=templates.one_line(str(message.subject)),
            text=templates.collapse_blank_lines(str(message.body)),
            html=next((str(one[0]) for one in alternatives if one[1] == "text/html"), ""),
            sender="" if message.from_email == settings.DEFAULT_FROM_EMAIL else message.from_email,
            headers=_headers_of(message),
            attachments=[_kept_of(one) for one in message.attachments],
        )


def _headers_of(message: EmailMessage) -> dict[str, str]:
    headers = {k: str(v) for k, v in message.extra_headers.items() if k != "Message-ID"}
    return headers | ({"Reply-To": ", ".join(message.reply_to)} if message.reply_to else {})


def _kept_of(attachment) -> dict[str, str]:
    if isinstance(attachment, MIMEBase):
        name, kind = attachment.get_filename() or "attachment", attachment.get_content_type()
        return _kept(name, bytes(attachment.get_payload(decode=True) or b""), kind)
    name, content, kind = attachment
    return _kept(name or "attachment", content, kind or "application/octet-stream")


@dataclass
class DeliveryResult:
    """Outcome of one round of deliveries."""

    sent: int = 0
    failed: int = 0
    later: int = 0
    server_down: str = ""


def deliver_due(
    limit: int = 100, *, worker: str = "by hand", go_on: Callable[[], bool] = lambda: True
) -> DeliveryResult:
    """Deliver every due mail, oldest first, over one connection to the mail server.

    Mails to one person go in order: a later one waits while an earlier one is retried, for two
    days at most.

    Each outcome is committed before the next mail: if killed, at most the one in hand goes twice,
    with the same Message-ID. A server that is down ends the round and counts against no mail.
    A restored copy sends sign-in codes only (lms/mail/holding.py). Never call it inside a
    transaction.
    """
    done = DeliveryResult()
    # Runs every second: the full query for due mail costs four times as much.
    if not Mail.objects.ready().exists():
        return done
    hold = holding.current()
    which = holding.asked_for_here(hold) if hold else Q()
    connection, is_open = get_connection(settings.LMS_MAIL_DELIVERY_BACKEND), False
    try:
        for mail in _in_turn(limit, which):
            if not go_on():
                break
            connection.open()
            if not is_open:
                is_open = True
                if not hold:
                    outages.end()
            if Mail.objects.claim(mail, worker):
                _deliver(mail, connection, done)
            if done.server_down:
                break
    except (OSError, smtplib.SMTPException) as error:
        done.server_down = _reason(error)
    finally:
        _hang_up(connection)
    if done.server_down:
        outages.note(done.server_down)
    return done


def _in_turn(limit: int, which: Q) -> Iterator[Mail]:
    """Yield due mails, oldest first, fetched in small batches: never two of ours to one person."""
    while limit > 0:
        some = list(Mail.objects.due().filter(which).order_by("pk")[: min(limit, AT_A_LOOK)])
        yield from some
        limit -= len(some) or limit


def _hang_up(connection) -> None:
    try:
        connection.close()
    except (OSError, smtplib.SMTPException):
        logger.info("The mail server had hung up already.")


def _deliver(mail: Mail, connection, done: DeliveryResult) -> None:
    try:
        mail.as_message(connection).send()
    except smtplib.SMTPRecipientsRefused as error:
        _settle(mail, error.recipients, done)
    except smtplib.SMTPDataError as error:
        _settle(mail, dict.fromkeys(mail.still_for, (error.smtp_code, error.smtp_error)), done)
    except (OSError, smtplib.SMTPException) as error:
        # The connection was lost or the sender refused: the server's fault or this mail's, so the
        # round ends, and the next one starts with the other mails.
        _settle(mail, dict.fromkeys(mail.still_for, (450, _reason(error))), done)
        done.server_down = _reason(error)
    except Exception as error:
        logger.exception("Mail %s cannot be made into a message", mail.pk)
        _settle(mail, dict.fromkeys(mail.still_for, (550, _reason(error))), done)
    else:
        _settle(mail, getattr(connection, "refused", {}), done)


def _settle(
    mail: Mail, answers: Mapping[str, tuple[int, bytes | str]], done: DeliveryResult
) -> None:
    """Record the server's answer for each address: delivered, refused for good, or retry later."""
    now = database_now()
    words = {one: f"{code} {_plain(said)}" for one, (code, said) in answers.items()}
    later = {one for one, (code, _) in answers.items() if code < 500}
    if mail.tries >= len(PAUSES):
        later = set()
    mail.reached += [one for one in mail.still_for if one not in answers]
    mail.refused |= {one: words[one] for one in answers if one not in later}
    mail.to_is_answered = mail.to not in mail.still_for
    mail.last_error = "; ".join(f"{one}: {said}" for one, said in words.items())
    mail.last_try_at = now
    if any(code == HANGS_UP for code, _ in answers.values()):
        done.server_down = mail.last_error
    if later:
        mail.due_at = now + PAUSES[mail.tries]
        done.later += 1
    elif mail.refused:
        mail.state = Mail.FAILED
        done.failed += 1
    else:
        mail.state, mail.sent_at = Mail.SENT, now
        done.sent += 1
    mail.tries += 1
    mail.claimed_by = ""
    mail.save(
        update_fields=["reached", "refused", "to_is_answered", "last_error", "last_try_at",
                       "due_at", "state", "sent_at", "tries", "claimed_by"]
    )  # fmt: skip


def _plain(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_plain(error.smtp_error)}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"{type(error).__name__}: {error}"
