"""Define the board, its partner agencies, people and the jobs they hold."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

from agencies import access, mergers
from agencies.contact_models import ConcernContacts  # noqa: F401
from agencies.double_accounts.models import TwoPeople  # noqa: F401
from agencies.email_domains.models import SharedDomain
from agencies.free_text import names
from agencies.free_text.printed import PrintedMixin
from agencies.merging.models import Merge, MergedRow  # noqa: F401
from agencies.own_account.models import KeptText, OpenSession  # noqa: F401
from lms.operational import OperationalModel


class Sector(models.Model):
    """Type of agency, as this board counts them: health, police, schools, voluntary, ..."""

    name = models.CharField(max_length=80, unique=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]

    def __str__(self):
        return self.name


class RoleGroup(models.Model):
    """Profession or kind of work, as this board counts them: midwives, teachers, ..."""

    name = models.CharField(max_length=80, unique=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]

    def __str__(self):
        return self.name


def _domains_of(person):
    """Return the email domains at which the person has a verified address."""
    verified = person.emailaddress_set.filter(verified=True).values_list("email", flat=True)
    return {email.rpartition("@")[2].lower() for email in verified}


class AgencyQuerySet(models.QuerySet):
    def current(self):
        """Exclude agencies merged into another."""
        return self.filter(merged_into=None)

    def with_predecessors(self):
        """Filter to these and all that were merged into them."""
        return self.model.objects.filter(pk__in=mergers.Predecessors(self._ids()))

    def with_successors(self):
        """Filter to these and all that they were merged into."""
        return self.model.objects.filter(pk__in=mergers.Successors(self._ids()))

    def with_merged(self):
        """Filter to these and all that are one agency with them today."""
        return self.with_successors().with_predecessors()

    def _ids(self):
        return self.order_by().values("pk")

    def proposed_to(self, person):
        """Filter to what those are today at whose email domain they have a verified address.

        Subdomains and similar domains do not match.
        """
        theirs = self.model.objects.filter(domains__name__in=_domains_of(person))
        return self.current().filter(pk__in=theirs.with_successors())


class Agency(OperationalModel):
    """Partner organisation of the board."""

    name = models.CharField(max_length=160, unique=True)
    sector = models.ForeignKey(Sector, models.PROTECT, related_name="agencies")
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        help_text="The agency that this one belongs to, such as a trust or the council.",
    )
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="merged_from",
        help_text="Kept for its history; its people belong to the other agency now.",
    )
    merged_on = models.DateField(null=True, blank=True)

    objects = AgencyQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "agencies"
        constraints = [
            models.CheckConstraint(
                condition=~Q(merged_into=F("pk")), name="agency_not_into_itself"
            ),
            models.CheckConstraint(condition=~Q(parent=F("pk")), name="agency_not_its_parent"),
        ]

    def __str__(self):
        return self.name

    @property
    def today(self) -> "Agency":
        """The agency that it is today, through any number of mergers: itself unless merged."""
        if not self.merged_into_id:
            return self
        return Agency.objects.filter(pk=self.pk).with_successors().current().first() or self


class DomainQuerySet(models.QuerySet):
    def proving(self, agencies):
        """Filter to those that show that somebody works at one of these agencies as it is today."""
        shared = SharedDomain.objects.values("name")
        return self.filter(proves_job=True, agency__in=agencies.with_merged()).exclude(
            name__in=shared
        )

    def proven_by(self, person):
        """Filter to those at which the person has a verified address."""
        return self.filter(name__in=_domains_of(person))


class Domain(models.Model):
    """Email domain of an agency's people, such as portsmouth.example.org.

    It proves that somebody works there unless people of other organisations have it too; then it
    only suggests the agency.
    """

    agency = models.ForeignKey(Agency, models.CASCADE, related_name="domains")
    name = models.CharField(max_length=120, help_text="Without the @, in small letters.")
    proves_job = models.BooleanField(
        "only this agency's people have it",
        default=True,
        help_text="They are confirmed at once when they prove an address there. Untick it for a "
        "domain that others have too: then it only suggests this agency to them.",
    )

    objects = DomainQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["agency", "name"], name="domain_once_an_agency"),
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(proves_job=True),
                name="domain_proves_one_agency",
                violation_error_message="This is already the domain of another agency",
            ),
        ]

    def __str__(self):
        return self.name


class PersonQuerySet(models.QuerySet):
    def leading(self, *agencies: Agency):
        """Filter to those who answer for any of these: leads of it, or of what it was merged into.

        The same rule as `access.agencies_led_by`, asked of the agency.
        """
        among = Agency.objects.filter(pk__in=[agency.pk for agency in agencies])
        posts = Post.objects.of_leads().filter(agency__in=among.with_successors())
        return self.filter(pk__in=posts.values("person"))

    def with_address(self, email: str):
        """Filter to the owner of this address, primary or another verified one."""
        theirs = Q(emailaddress__email=email, emailaddress__verified=True)
        return self.filter(Q(email=email) | theirs).distinct()

    def visible_to(self, viewer):
        """Filter to people whose record `viewer` may see: see docs/decisions/0004."""
        if not access.is_signed_in(viewer):
            return self.none()
        if access.sees_everybody(viewer):
            return self
        posts = Post.objects.current()
        led = posts.filter(agency__in=access.agencies_led_by(viewer))
        return self.filter(
            Q(pk=viewer.pk)
            | Q(pk__in=led.values("person"))
            | Q(pk__in=posts.filter(line_manager=viewer).values("person"))
        )


class PersonManager(BaseUserManager.from_queryset(PersonQuerySet)):
    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)

    def create_user(self, email, password=None, **fields):
        person = self.model(email=email.strip().lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email, password=None, **fields):
        """Create a superuser, who signs in by code as everybody does: a password is not kept."""
        return self.create_user(email, None, is_staff=True, is_superuser=True, **fields)


class Person(AbstractBaseUser, PermissionsMixin):
    """Account of one human being, for ever. Signs in with a code sent to their address."""

    name = models.CharField(max_length=120, help_text="As it should stand on a certificate.")
    name_key = models.CharField(
        max_length=names.KEY_LENGTH,
        blank=True,
        editable=False,
        help_text="The name folded, to find its like.",
    )
    sort_as = models.CharField(
        "last name in lists",
        max_length=120,
        blank=True,
        help_text="Only where the last word of the name is not it, as in van der Berg.",
    )
    email = models.EmailField("email address", unique=True)
    telephone = models.CharField(max_length=30, blank=True)
    is_active = models.BooleanField(
        "may sign in", default=True, help_text="Untick instead of deleting: the record stays."
    )
    is_staff = models.BooleanField(
        "works for the board", default=False, help_text="May enter the back office."
    )
    is_invented = models.BooleanField(
        default=False,
        editable=False,
        help_text="Made by the demonstration; cannot sign in elsewhere.",
    )
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = PersonManager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name_plural = "people"
        indexes = [
            models.Index(fields=["name", "id"], name="person_in_order"),
            models.Index(fields=["name_key", "id"], name="person_of_a_name"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(email=models.functions.Lower("email")), name="person_email_lower"
            )
        ]

    def __str__(self):
        return self.name or self.email

    @property
    def sort_key(self):
        """Key by which registers and lists sort people: their last name first."""
        return names.sort_key(self.name, self.sort_as)

    def save(self, *args, **kwargs):
        """Save the person; the folded name follows the name."""
        self.name_key = names.key(self.name)
        if "name" in (kwargs.get("update_fields") or ()):
            kwargs["update_fields"] = {*kwargs["update_fields"], "name_key"}
        super().save(*args, **kwargs)

    def has_perm(self, perm, obj=None):
        """Return False for what nobody may do, such as deleting people, superusers included."""
        return perm not in access.NOBODYS_PERMISSIONS and super().has_perm(perm, obj)

    @property
    def is_lead(self) -> bool:
        """True if the person leads an agency today, which adds its pages to the menu."""
        return access.is_agency_lead(self)

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.name


class PostQuerySet(models.QuerySet):
    def confirmed(self):
        return self.exclude(confirmed_at=None)

    def current(self, day=None):
        """Filter to confirmed jobs held on this day (default today)."""
        day = day or timezone.localdate()
        return self.confirmed().filter(Q(ends_on=None) | Q(ends_on__gte=day), starts_on__lte=day)

    def of_leads(self):
        """Filter to jobs from which somebody leads an agency today."""
        return self.current().filter(is_lead=True, person__is_active=True)

    def at(self, *agencies: Agency):
        """Filter to jobs at these agencies, or at any that is one with them today."""
        among = Agency.objects.filter(pk__in=[agency.pk for agency in agencies])
        return self.filter(agency__in=among.with_merged())

    def proved_by_shared_domain(self):
        """Filter to open jobs that an address at a domain confirmed which proves none today."""
        shared = SharedDomain.objects.values("name")
        unproving = Domain.objects.filter(proves_job=False).values("name")
        doubtful = Q(proved_by__in=shared) | Q(proved_by__in=unproving)
        return self.confirmed().open().filter(doubtful)

    def waiting_for_confirmation(self):
        return self.filter(confirmed_at=None, ends_on=None)

    def with_manager_to_confirm(self):
        """Filter to jobs with a named line manager whom nobody else has confirmed."""
        return self.exclude(line_manager_email="").filter(
            line_manager=None, line_manager_confirmed_at=None
        )

    def open(self):
        """Filter to confirmed and waiting jobs without a last day."""
        return self.filter(ends_on=None)

    def visible_to(self, viewer):
        """Return own jobs, those at agencies that the viewer leads, all for the training office."""
        if not access.is_signed_in(viewer):
            return self.none()
        if access.sees_everybody(viewer):
            return self
        return self.filter(Q(person=viewer) | Q(agency__in=access.agencies_led_by(viewer)))


class Post(OperationalModel):
    """Job that a person holds in an agency, from a day to a day (both included)."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="posts")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="posts")
    title = models.CharField("job title", max_length=120)
    role_group = models.ForeignKey(
        RoleGroup,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="posts",
        verbose_name="profession",
    )
    line_manager = models.ForeignKey(
        Person,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="manages",
        help_text="Known to us, and confirmed as this person's manager.",
    )
    line_manager_email = models.EmailField("line manager's email address", blank=True)
    line_manager_confirmed_at = models.DateTimeField(
        "line manager's address confirmed", null=True, blank=True, editable=False
    )
    starts_on = models.DateField("from", default=timezone.localdate)
    ends_on = models.DateField(
        "to", null=True, blank=True, help_text="The last day, if it is known."
    )
    is_lead = models.BooleanField(
        "agency lead",
        default=False,
        help_text="Sees this agency's people and their training, and confirms who works there.",
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    # The email domain that confirmed it; empty where somebody did.
    proved_by = models.CharField(max_length=120, blank=True, editable=False)

    objects = PostQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-pk"]
        verbose_name = "job"
        indexes = [models.Index(fields=["starts_on", "id"], name="post_in_order")]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "agency"],
                condition=Q(ends_on=None),
                name="post_one_open_an_agency",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="post_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(line_manager=None) | ~Q(line_manager=F("person")),
                name="post_not_own_manager",
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None

    @property
    def is_current(self) -> bool:
        """True if confirmed and held today, as in `current()`."""
        today = timezone.localdate()
        ended = self.ends_on is not None and self.ends_on < today
        return self.is_confirmed and self.starts_on <= today and not ended

    @property
    def is_waiting(self) -> bool:
        return self.confirmed_at is None and self.ends_on is None

    @property
    def has_known_manager(self) -> bool:
        """True if the named manager may approve: confirmed by another or a verified address."""
        return bool(self.line_manager_id or self.line_manager_confirmed_at)

    @property
    def is_open(self) -> bool:
        """True if waiting, held today, or confirmed from a later day."""
        return self.ends_on is None or (self.is_confirmed and self.ends_on >= timezone.localdate())

    @property
    def state(self) -> str:
        """State in words for display: waiting, current, past, refused or not yet begun."""
        today = timezone.localdate()
        if self.is_waiting:
            return "waiting to be confirmed"
        if not self.is_confirmed:
            return "not confirmed"
        if self.starts_on > today:
            return "from a later day"
        return "past" if self.ends_on and self.ends_on < today else "current"


@register_setting(icon="home")
class Board(PrintedMixin, BaseGenericSetting):
    """The board that runs this system, and its settings."""

    PRINTED = ("name", "signatory_name", "signatory_title")

    name = models.CharField(max_length=120, default="Safeguarding Children Board")
    short_name = models.CharField(max_length=20, default="SCB")
    email = models.EmailField(
        "training office's email address", default="training@board.example.org"
    )
    telephone = models.CharField(max_length=30, blank=True)
    certificate_prefix = models.CharField(
        max_length=10,
        default="SCB",
        help_text="Begins the number of each certificate.",
        validators=[
            RegexValidator(  # the number is part of an address and of a file's name
                r"\A[A-Za-z0-9]+(-[A-Za-z0-9]+)*\Z",
                "Use letters and numbers only, with hyphens between them if you like.",
            )
        ],
    )
    signatory_name = models.CharField(max_length=80, default="The chair of the board")
    signatory_title = models.CharField(max_length=80, default="Independent Chair")
    asks_second_factor = models.BooleanField(
        "second factor for trainers and agency leads",
        default=False,
        help_text="Trainers and leads must set up an authenticator app before they see other "
        "people. The board's staff always must.",
    )
    is_demonstration = models.BooleanField(
        default=False, help_text="Every page says that people, bookings and figures are made up."
    )

    class Meta:
        verbose_name = "board"
