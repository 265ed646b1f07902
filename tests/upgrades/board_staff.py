"""Make the fixture's accounts, agencies, sessions and mail."""

import datetime as dt

from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.log_actions import log
from wagtail.models import (
    Collection,
    CollectionViewRestriction,
    Comment,
    CommentReply,
    PageSubscription,
    PageViewRestriction,
)
from wagtail.users.models import UserProfile

from agencies import accounts
from agencies.models import Agency
from courses.models import CoursePage
from lms import mail
from lms.models import Mail, Wording
from tests.agencies.signing import sign_in as sign_in_by_code
from tests.agencies.signing import totp_code
from tests.factories import (
    AgencyFactory,
    BookingFactory,
    ImageFactory,
    MailFactory,
    PersonFactory,
    PostFactory,
    StandardPageFactory,
)


def make(office, amina):
    close_an_account(office)
    merge_an_agency()
    EmailAddress.objects.create(user=amina, email="amina@home.example.org")
    PostFactory(confirmed_at=None, person__is_verified=False)
    PostFactory(ends_on=timezone.localdate() - dt.timedelta(days=40))
    Wording.objects.create(
        kind="certificate_ready",
        subject="Your certificate: {{ course }}",
        text="Dear {{ name }},\n\nyour certificate is ready: {{ certificate_link }}\n",
    )
    private_folder_and_page(office)
    UserProfile.objects.create(user=office, preferred_language="en-gb")


def close_an_account(office):
    leaver = PersonFactory(name="Former Colleague")
    BookingFactory(person=leaver)
    leaver.is_active = False
    accounts.save(leaver, groups=None, by=office)


def merge_an_agency():
    into = Agency.objects.get(name="Lighthouse Family Practice")
    merged = AgencyFactory(name="Marina Surgery", sector=into.sector)
    BookingFactory(person=PostFactory(agency=merged).person, agency=merged)
    merged.merged_into, merged.merged_on = into, dt.date(2026, 10, 1)
    merged.save()


def private_folder_and_page(office):
    folder = Collection.get_first_root_node().add_child(name="For the board")
    restricted = CollectionViewRestriction.objects.create(
        collection=folder, restriction_type="groups"
    )
    restricted.groups.set(office.groups.all())
    document = get_document_model().objects.create(
        title="Notes of the office",
        collection=folder,
        uploaded_by_user=office,
        file=ContentFile(b"Whom to ring when the building is closed.\n", "notes.txt"),
    )
    document.tags.add("office")
    image = ImageFactory(title="The harbour", file__width=400, file__height=200)
    image.tags.add("harbour")
    image.get_rendition("max-165x165")
    log(document, "wagtail.create", user=office)
    page = StandardPageFactory(title="For trainers")
    login = PageViewRestriction.objects.create(page=page, restriction_type="groups")
    login.groups.set(office.groups.all())
    PageSubscription.objects.create(page=page, user=office, comment_notifications=True)
    comment = Comment.objects.create(
        page=page, user=office, text="Shall we name the car park?", contentpath="introduction"
    )
    CommentReply.objects.create(comment=comment, user=office, text="Yes.")


def make_mail_in_each_state(office):
    failed = MailFactory(
        to="gone@closed.example.org",
        state=Mail.FAILED,
        tries=1,
        last_try_at=timezone.now(),
        last_error="gone@closed.example.org: 550 No such person",
        refused={"gone@closed.example.org": "550 No such person"},
        to_is_answered=True,
        about_type="agencies.person",
        about_id=str(office.pk),
    )
    mail.resend(failed, by=office)
    slow = {"tries": 2, "last_try_at": timezone.now(), "last_error": "450 Try later"}
    MailFactory(due_at=timezone.now() + dt.timedelta(days=1), **slow)
    MailFactory(state=Mail.DROPPED, template="reminder_first")
    MailFactory(
        to=office.email,
        cc=["board@board.example.org"],
        due_at=timezone.now() + dt.timedelta(days=9),
    )


def sign_in(amina, office):
    """Sign in a professional by code and the office with a second factor; open some pages."""
    phone = Client()
    sign_in_by_code(phone, amina.email)
    assert phone.get("/my/").status_code == 200
    secret = auth.generate_totp_secret()
    auth.TOTP.activate(office, secret)
    RecoveryCodes.activate(office)
    desk = Client()
    sign_in_by_code(desk, office.email)
    desk.post("/accounts/2fa/authenticate/", {"code": totp_code(secret)})
    page = CoursePage.objects.first()
    assert desk.get(f"/cms/pages/{page.pk}/edit/").status_code == 200
    for address in ("/", "/protocols/", "/protocols/early-help/", "/courses/"):
        assert Client().get(address).status_code == 200, address
