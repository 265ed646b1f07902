"""Store queued and sent mail, action links, worker heartbeats and job schedules."""

from base64 import b64decode
from datetime import timedelta
from email.utils import format_datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, SafeMIMEText
from django.db import models
from django.db.models import Exists, Func, OuterRef, Q
from django.utils import timezone

from lms.jobs.clock import database_now
from lms.jobs.models import JobFailure as JobFailure
from lms.mail.models import MailHold as MailHold
from lms.mail.models import MailOutage as MailOutage
from lms.operational import OperationalModel
from lms.storage.models import FilesCheck as FilesCheck

# Minutes after which mail that waits is shown to the office.
LATE_AFTER = 15
LATE = timedelta(minutes=LATE_AFTER)


class Envelope(EmailMultiAlternatives):
    """A message sent only to those recipients whom it has not reached yet."""

    still_for: list[str] = []

    def recipients(self):
        return self.still_for


class MailQuerySet(models.QuerySet):
    def queued(self):
        """Filter to queued mails, using the partial indexes for them.

        The state is inlined in the SQL: with a parameter, PostgreSQL would cache a generic plan
        that scans all sent mail.
        """
        return self.filter(state=Func(template="'queued'", output_field=models.CharField()))

    def ready(self):
        """Filter to unclaimed mails whose time has come, whatever else the recipient awaits."""
        return self._ready_at(database_now())

    def _ready_at(self, now):
        return self.queued().filter(claimed_by="", due_at__lte=now)

    def due(self):
        """Filter to mails a worker may claim: ready, with no earlier mail to the same person."""
        now = database_now()
        in_front = Exists(Mail.objects.in_front(now))
        return self._ready_at(now).exclude(~Q(template="") & in_front)

    def claimed(self):
        """Filter to mails claimed by a worker: claimed mails are always queued."""
        return self.queued().exclude(claimed_by="")

    def in_front(self, now):
        """Return earlier mails under way to the same recipient: later ones wait for them.

        Only for mail from our templates: a sign-in code, good for minutes, waits for nothing.
        """
        under_way = Q(due_at__lte=now) | Q(tries__gt=0) | ~Q(claimed_by="")
        earlier = self.queued().filter(to=OuterRef("to"), pk__lt=OuterRef("pk"))
        return earlier.filter(under_way, to_is_answered=False).exclude(template="")

    def undeliverable(self):
        """Filter to failed mails not yet resent: the office's list to work off."""
        return self.filter(state=Mail.FAILED, resends=None)

    def late(self):
        """Filter to mails that should have gone some minutes ago, claimed or not."""
        return self.queued().filter(due_at__lte=timezone.now() - LATE) | self.queued().filter(
            tries__gt=0, created_at__lte=timezone.now() - LATE
        )

    def about(self, thing):
        return self.filter(about_type=thing._meta.label_lower, about_id=str(thing.pk))

    def visible_to(self, viewer):
        """Return all to those who may see the outbox, else the mails written to the viewer."""
        if not viewer.is_authenticated:
            return self.none()
        return self if viewer.has_perm("lms.view_mail") else self.filter(to=viewer.email)

    def claim(self, mail: "Mail", worker: str) -> bool:
        """Claim the mail for this worker; return False if it has changed since it was read.

        One UPDATE decides, so that no lock is held while the mail server answers.
        """
        still = self.filter(pk=mail.pk, state=Mail.QUEUED, claimed_by="", tries=mail.tries)
        mail.claimed_by, mail.claimed_at = worker, database_now()
        return bool(still.update(claimed_by=mail.claimed_by, claimed_at=mail.claimed_at))


class Mail(OperationalModel):
    """A mail, rendered with the change it reports, sent by a worker and kept as it was sent."""

    QUEUED, SENT, FAILED, DROPPED = "queued", "sent", "failed", "dropped"
    STATES = [
        (QUEUED, "Waiting to be sent"),
        (SENT, "Sent"),
        (FAILED, "Not delivered"),
        (DROPPED, "Not sent: no longer so"),
    ]

    message_id = models.CharField(max_length=255, unique=True, editable=False)
    sender = models.CharField(max_length=320)
    to = models.CharField(max_length=254)
    cc = models.JSONField(default=list, blank=True)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)
    attachments = models.JSONField(default=list, blank=True)
    headers = models.JSONField(default=dict, blank=True)
    template = models.CharField(max_length=80, blank=True)
    about_type = models.CharField(max_length=60, blank=True)
    about_id = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    state = models.CharField(max_length=8, choices=STATES, default=QUEUED)
    due_at = models.DateTimeField("not before", default=timezone.now)
    claimed_by = models.CharField(max_length=64, blank=True, editable=False)
    claimed_at = models.DateTimeField(null=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=0)
    last_try_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    reached = models.JSONField(default=list, blank=True)
    # `to` was reached or refused for good, whatever other recipients are pending.
    to_is_answered = models.BooleanField(default=False, editable=False)
    refused = models.JSONField(default=dict, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    resend_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="resends"
    )
    resent_by = models.BigIntegerField(null=True, blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            # Partial indexes of queued mail, by age and by recipient: they stay small however
            # large the outbox grows.
            models.Index(fields=["id"], condition=Q(state="queued"), name="mail_waiting"),
            models.Index(fields=["to", "id"], condition=Q(state="queued"), name="mail_waiting_for"),
            # One person's mails in the order in which they were written.
            models.Index(fields=["to", "id"], name="mail_to_address"),
            models.Index(fields=["about_type", "about_id"], name="mail_about"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="queued") | Q(claimed_by=""), name="mail_claimed_while_queued"
            )
        ]

    def __str__(self):
        return self.subject

    @property
    def addresses(self) -> list[str]:
        return [self.to, *self.cc]

    @property
    def missed(self) -> list[str]:
        """Addresses that it has not reached."""
        return [a for a in self.addresses if a not in self.reached]

    @property
    def still_for(self) -> list[str]:
        """Addresses that have neither received nor refused it."""
        return [a for a in self.addresses if a not in self.reached and a not in self.refused]

    def as_message(self, connection) -> Envelope:
        """Build the message; a header "Subject" is what is sent in place of what staff may read."""
        headers = self.headers.copy()
        message = Envelope(
            headers.pop("Subject", self.subject),
            self.text,
            self.sender,
            [self.to],
            cc=self.cc,
            connection=connection,
            headers={
                "Message-ID": self.message_id,
                "Date": format_datetime(timezone.localtime(self.created_at)),
                **headers,
            },
        )
        message.still_for = self.still_for
        if self.html:
            message.attach_alternative(self.html, "text/html")
        for one in self.attachments:
            _attach(message, one["name"], b64decode(one["content"]), one["type"])
        return message


def _attach(message: Envelope, name: str, content: bytes, kind: str) -> None:
    """Attach a file; Django would name the charset of a text with parameters a second time."""
    content_type, *parameters = (part.strip() for part in kind.split(";"))
    if not parameters:
        message.attach(name, content, kind)
        return
    part = SafeMIMEText(content.decode(), content_type.removeprefix("text/"), "utf-8")
    for key, _, value in (parameter.partition("=") for parameter in parameters):
        part.set_param(key, value)
    part.add_header("Content-Disposition", "attachment", filename=name)
    message.attach(part)


class ActionLink(OperationalModel):
    """A single-use link, sent to one address, that allows one action until it expires."""

    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    purpose = models.CharField(max_length=20)
    about_type = models.CharField(max_length=60)
    about_id = models.CharField(max_length=40)
    sent_to = models.CharField(max_length=254)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "lms_link"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["about_type", "about_id"], name="link_about")]

    def __str__(self):
        return f"Action link {self.pk}"


class WorkerBeat(models.Model):
    """Heartbeat of a worker, written every few seconds; it stops when the worker dies."""

    worker_id = models.CharField(max_length=64, primary_key=True)
    beat_at = models.DateTimeField()

    def __str__(self):
        return self.worker_id


class Wording(OperationalModel):
    """The board's own wording of one kind of mail, replacing the default."""

    kind = models.CharField(max_length=80, unique=True)
    subject = models.CharField(max_length=200)
    text = models.TextField()

    class Meta:
        ordering = ["kind"]

    def __str__(self):
        return self.kind


class PeriodicJobQuerySet(models.QuerySet):
    def due(self):
        """Filter to unclaimed jobs whose time has come."""
        return self._due_at(database_now())

    def _due_at(self, now):
        return self.filter(path__in=settings.LMS_PERIODIC_JOBS, claimed_by="", due_at__lte=now)

    def claimed(self):
        return self.exclude(claimed_by="")

    def claim_next(self, worker: str):
        """Claim the job that has waited longest for this worker; return None if none is due."""
        now = database_now()
        while pk := self._due_at(now).order_by("due_at").values_list("pk", flat=True).first():
            if self._due_at(now).filter(pk=pk).update(claimed_by=worker, claimed_at=now):
                return self.get(pk=pk)
        return None


class PeriodicJob(models.Model):
    """Schedule of one of LMS_PERIODIC_JOBS: when it is due, and which worker runs it."""

    path = models.CharField(max_length=200, primary_key=True)
    due_at = models.DateTimeField(default=timezone.now)
    claimed_by = models.CharField(max_length=64, blank=True)
    claimed_at = models.DateTimeField(null=True)

    objects = PeriodicJobQuerySet.as_manager()

    class Meta:
        db_table = "lms_chore"

    def __str__(self):
        return self.path


class NightlyRun(models.Model):
    """Day whose nightly run was enqueued: once, however many workers there are."""

    day = models.DateField(unique=True)

    class Meta:
        db_table = "lms_night"

    def __str__(self):
        return str(self.day)
