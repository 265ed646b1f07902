"""Test every route as every role.

A route that is not in the tables below fails the first test: add who may have it. The objects
belong to Olive Owner, who works at one agency; nobody of another may see or change them.
"""

from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from wagtail.documents import get_document_model
from wagtail.models import Page, PageViewRestriction

from agencies.access import BOARD_MEMBERS, PROTOCOL_EDITORS, TRAINING_ADMINISTRATORS
from agencies.models import Board, ConcernContacts, Person
from courses.models import BookingPolicy
from elearning.learning import ending, learning
from elearning.models import Attempt
from lms import links
from protocols.editions import pdfs
from protocols.models import ProtocolPolicy, Subscription
from protocols.readers import alerts
from record.training_record import sharing
from tests.elearning.modules import lesson, make_file, make_issued, scenario
from tests.factories import (
    AgencyFactory,
    ApprovalFactory,
    BookingFactory,
    CertificateFactory,
    CompletionFactory,
    CourseElsewhereFactory,
    CoursePageFactory,
    DeliveryRequestFactory,
    DisseminationFactory,
    EvaluationFactory,
    EvidenceFactory,
    ImageFactory,
    IndicatorFactory,
    MaterialFactory,
    PersonFactory,
    PostFactory,
    RunFactory,
    SentMarkFactory,
    TopicFactory,
    in_days,
)

STAFF = {
    "administrator": TRAINING_ADMINISTRATORS,
    "editor": PROTOCOL_EDITORS,
    "board member": BOARD_MEMBERS,
}
ROLES = [
    "nobody", "owner", "colleague", "manager", "lead", "lead of another", "stranger", "trainer",
    "another trainer", *STAFF,
]  # fmt: skip
SIGNED_IN = ROLES[1:]
# Roles that must see nothing of Olive Owner.
FOREIGN = [
    "nobody", "colleague", "lead of another", "stranger", "another trainer", "editor",
    "board member",
]  # fmt: skip
TO_SIGN_IN = "to sign in"
# Routes behind a code or link that the owner has given away: they name the owner.
TELLS_ITS_HOLDER = {"certificates:verify", "courses:approval", "record:shared_record"}


def anyone(status=200):
    return dict.fromkeys(ROLES, status)


def signed_in(status=200, nobody=TO_SIGN_IN):
    return anyone(status) | {"nobody": nobody}


def only(*roles, status=200):
    """Expect `status` for these roles, 404 for others, and sign-in for visitors."""
    return signed_in(404) | dict.fromkeys(roles, status)


TO_A_FORM = dict.fromkeys(["owner", *STAFF], 302)
# Route: (its arguments, outcome of a GET by role, outcome of a POST of an empty form by role).
OURS = {
    "healthz": ((), anyone(), anyone(405)),
    "healthz_jobs": ((), anyone(), anyone(405)),
    "robots": ((), anyone(), anyone(405)),
    "sitemap": ((), anyone(), anyone(405)),
    "security": ((), anyone(), anyone(405)),
    # Originals are for those who may choose images; pages show renditions.
    "picture": (
        ("whole picture",),
        anyone(404) | {"administrator": 200, "editor": 200},
        anyone(405),
    ),
    "search:results": ((), anyone(), anyone(405)),
    # Exists in development only; the tests run as production.
    "dev_mail": ((), anyone(404), anyone(405)),
    "dev_mail_one": (("nothing",), anyone(404), anyone(405)),
    "dev_mail_html": (("nothing",), anyone(404), anyone(405)),
    "agencies:welcome": ((), signed_in(), signed_in()),
    "agencies:jobs": ((), signed_in(), signed_in()),
    "agencies:name": ((), signed_in(), signed_in()),
    "agencies:line_manager": (("post",), only("owner"), only("owner")),
    "agencies:leave": (("post",), only("owner"), only("owner")),
    "agencies:agency": ((), only("lead", "lead of another"), signed_in(405)),
    "agencies:changes": ((), only("lead", "lead of another"), signed_in(405)),
    "agencies:staff_csv": ((), only("lead", "lead of another"), signed_in(405)),
    "agencies:left": (("post",), only("lead"), only("lead")),
    "agencies:add_colleague": (
        (),
        only("lead", "lead of another"),
        only("lead", "lead of another"),
    ),
    "agencies:give_address": (("post without email",), only("lead"), only("lead")),
    "agencies:confirm_manager": (("post",), signed_in(405), only("lead", status=302)),
    "agencies:vouch": ((), signed_in(405), only("lead", "lead of another", status=302)),
    "agencies:confirm": (("request",), signed_in(405), only("lead", status=302)),
    "agencies:refuse": (("request",), only("lead"), only("lead", status=302)),
    "agencies:prove": ((), signed_in(), signed_in()),
    "agencies:file_ready": ((), signed_in(404), signed_in(405)),
    "agencies:sessions": ((), signed_in(), signed_in(405)),
    "agencies:end_session": (("open session",), signed_in(405), only("owner", status=302)),
    "agencies:end_other_sessions": ((), signed_in(405), signed_in(302)),
    "agencies:forget_kept_text": ((), signed_in(405), signed_in(302)),
    "agencies:session_left": ((), anyone(), anyone()),
    "agencies:addresses": ((), signed_in(), signed_in(302)),
    "agencies:confirm_address": ((), anyone(302), signed_in(302)),
    # Opened by link, whoever holds it. This one is over: another would sign each role in as its
    # owner, as tests/agencies/test_sign_in_links.py does.
    "agencies:sign_in_link": (("sign_in",), anyone(), anyone()),
    "certificates:check": ((), anyone(), anyone(405)),
    "certificates:verify": (("code",), anyone(), anyone(405)),
    "certificates:download": (("number",), only("owner", "administrator"), anyone(405)),
    "certificates:mine": (("number",), only("owner", "administrator"), anyone(405)),
    # Who has a booking is led to it; who has no job, to the form that asks for it.
    "courses:book": (("run",), signed_in() | TO_A_FORM, signed_in() | TO_A_FORM),
    "courses:booking": (("booking",), only("owner"), signed_in(405)),
    "courses:cancel": (("booking",), only("owner"), only("owner", status=302)),
    "courses:answer_offer": (("booking",), signed_in(405), only("owner", status=302)),
    "courses:give": (("booking",), only("owner"), only("owner")),
    "courses:booking_job": (
        ("booking",),
        only("owner", "lead", "administrator"),
        only("owner", "lead", "administrator"),
    ),
    # Without pre-course questions it redirects to the booking.
    "courses:pre_course": (("booking",), only("owner", status=302), only("owner", status=302)),
    "courses:calendar": (("booking",), only("owner"), signed_in(405)),
    "courses:get_certificate": (("completion",), signed_in(405), only("owner", status=302)),
    "courses:my_evaluation": (("evaluation",), only("owner"), only("owner", status=302)),
    "courses:evaluation": (("evaluates",), anyone(), anyone(302)),
    "courses:handout": (("placed", "handout"), only("owner"), signed_in(405)),
    "courses:training_elsewhere": ((), signed_in(), signed_in(405)),
    "courses:send_training_elsewhere": ((), signed_in(), signed_in()),
    "courses:upload_certificate": (("elsewhere",), signed_in(), signed_in()),
    # The training office opens the file in the admin instead.
    "courses:training_elsewhere_file": (("evidence",), only("owner"), signed_in(405)),
    "courses:registers": ((), signed_in(), signed_in(405)),
    "courses:register": (
        ("run",),
        only("trainer", "administrator"),
        only("trainer", "administrator", status=302),
    ),
    "courses:register_session": (
        ("run", "session"),
        only("trainer", "administrator"),
        only("trainer", "administrator", status=302),
    ),
    "courses:register_undo": (
        ("run", "session"),
        signed_in(405),
        only("trainer", "administrator", status=302),
    ),
    "courses:register_worker": ((), anyone(), anyone(405)),
    # A device asks here who is signed in, if anybody; an empty POST is a bad request.
    "courses:sent_marks": (
        ("run",),
        only("trainer", "administrator", "nobody"),
        signed_in(400, nobody=401),
    ),
    "courses:choose_mark": (
        ("run", "sent"),
        signed_in(405),
        only("trainer", "administrator", status=302),
    ),
    # Not signed off yet: redirects to the register.
    "courses:correct": (
        ("run",),
        only("trainer", "administrator", status=302),
        only("trainer", "administrator", status=302),
    ),
    "courses:correct_session": (
        ("run", "session"),
        only("trainer", "administrator", status=302),
        only("trainer", "administrator", status=302),
    ),
    "courses:walk_in": (
        ("run",),
        only("trainer", "administrator"),
        only("trainer", "administrator"),
    ),
    "courses:walk_in_without_address": (
        ("run",),
        only("trainer", "administrator"),
        only("trainer", "administrator"),
    ),
    # Before the run has begun, the page says why it cannot be signed off.
    "courses:sign_off": (
        ("run",),
        only("trainer", "administrator"),
        only("trainer", "administrator"),
    ),
    # Before the run has begun, the page says why nobody counts as complete.
    "courses:count_complete": (
        ("run", "booking"),
        only("trainer", "administrator"),
        only("trainer", "administrator"),
    ),
    "courses:release": (("run",), signed_in(405), only("administrator", status=302)),
    "courses:evaluation_results": (("run",), only("trainer", "administrator"), signed_in(405)),
    "courses:pack": (("run",), only("trainer", "administrator"), signed_in(405)),
    "courses:paper": (("run",), only("trainer", "administrator"), signed_in(405)),
    "courses:register_type": (
        ("run", "session"),
        only("trainer", "administrator"),
        only("trainer", "administrator", status=302),
    ),
    "courses:meeting_report": (
        ("run",),
        only("trainer", "administrator"),
        only("trainer", "administrator"),
    ),
    # Without a report it redirects to the upload.
    "courses:meeting_match": (
        ("run",),
        only("trainer", "administrator", status=302),
        only("trainer", "administrator", status=302),
    ),
    "courses:meeting_mark": (
        ("run",),
        only("trainer", "administrator", status=302),
        only("trainer", "administrator", status=302),
    ),
    # Opened by link, whoever holds it; an answer without a choice changes nothing.
    "courses:approval": (("approval",), anyone(), anyone()),
    "courses:agency_requests": ((), only("lead", "lead of another"), signed_in(405)),
    "courses:agency_decide": (("asked",), only("lead"), only("lead")),
    "courses:agency_bookings": ((), only("lead", "lead of another"), signed_in(405)),
    "courses:agency_cancel": (("booking",), only("lead"), only("lead", status=302)),
    "courses:agency_dates": ((), only("lead", "lead of another"), signed_in(405)),
    "courses:agency_book": (
        ("run",),
        only("lead", "lead of another"),
        only("lead", "lead of another"),
    ),
    "courses:agency_training": ((), only("lead", "lead of another"), signed_in(405)),
    # Of the course that the address names: none.
    "courses:agency_training_csv": ((), signed_in(404), signed_in(405)),
    "courses:agency_certificate": (
        (),
        only("lead", "lead of another"),
        only("lead", "lead of another"),
    ),
    "courses:agency_charges": ((), only("lead", "lead of another"), signed_in(405)),
    "courses:delivery": (("delivery",), anyone(), anyone()),
    "courses:offer": (("offer",), anyone(), anyone()),
    "courses:cancel_by_link": (("cancel",), anyone(), anyone()),
    "elearning:modules": ((), anyone(), anyone(405)),
    "elearning:module": (("module",), anyone(), anyone(405)),
    "elearning:begin": (("module",), signed_in(405), signed_in(302)),
    "elearning:begin_again": (("module",), signed_in(405), signed_in(302)),
    "elearning:resume": (("module",), signed_in(405), signed_in(302)),
    # Each person's own attempt; who has none is led to the module's page.
    "elearning:item": (("module", "part"), signed_in(302) | {"owner": 200}, signed_in(302)),
    "elearning:situation": (
        ("module", "scenario", "situation"),
        signed_in(302) | {"owner": 200},
        signed_in(302),
    ),
    "elearning:choose_again": (("module", "scenario"), signed_in(405), signed_in(302)),
    "elearning:check": (("module",), signed_in(302) | {"owner": 200}, signed_in(302)),
    "elearning:question": (
        ("module", "position"),
        signed_in(302),
        signed_in(302),
    ),
    # Of packages alone; nobody has one here.
    "elearning:play": (("module", "part"), signed_in(302) | {"owner": 404}, signed_in(405)),
    "elearning:declare": (("module",), signed_in(405), signed_in(302)),
    "elearning:attempt": (("module", "attempt"), only("owner"), signed_in(405)),
    "elearning:file": (("module file",), anyone(), anyone(405)),
    "protocols:thresholds": ((), anyone(), anyone(405)),
    "protocols:describe": ((), anyone(), anyone(405)),
    "protocols:indicator": (("indicator",), anyone(), anyone(405)),
    "protocols:alerts": ((), anyone(), anyone()),
    # Opened by link, whoever holds it.
    "protocols:confirm_alerts": (("alerts",), anyone(), anyone()),
    "protocols:stop_alerts": (("stops",), anyone(), anyone()),
    "protocols:read": (("edition",), signed_in(), signed_in(302)),
    "protocols:agency_protocols": ((), only("lead", "lead of another"), signed_in(405)),
    "protocols:agency_protocol": (("sent_edition",), only("lead"), signed_in(405)),
    "protocols:agency_confirm": (("sent_edition",), only("lead"), only("lead")),
    "protocols:agency_mail": (("sent_edition",), signed_in(405), only("lead", status=302)),
    # Public like its page, unless an editor restricts that: tests/protocols/test_pdf_made_once.py.
    "protocols:edition_pdf": (("protocol", "number of edition"), anyone(), anyone(405)),
    "protocols:drafts": ((), signed_in(), signed_in(405)),
    # Not for leads of agencies that were not asked, nor for the board's staff, who use /cms/.
    "protocols:draft": (("draft",), only("lead"), only("lead")),
    "record:my_learning": ((), signed_in(), signed_in(405)),
    "record:colleague": (("post without email",), only("lead"), signed_in(405)),
    "record:training_record": ((), signed_in(), signed_in(405)),
    "record:training_record_pdf": ((), signed_in(), signed_in(405)),
    "record:training_record_json": ((), signed_in(), signed_in(405)),
    "record:share_record": ((), signed_in(), signed_in()),
    "record:end_share": (("share",), signed_in(405), only("owner", status=302)),
    # Opened by link, whoever holds it; read only.
    "record:shared_record": (("shared",), anyone(), anyone(405)),
}
# allauth's routes concern the requesting user only; passwords are never set, changed or reset.
SIGNING_IN = {
    "account_login": signed_in(302, nobody=200),
    "account_signup": signed_in(302, nobody=200),
    "account_request_login_code": signed_in(302, nobody=200),
    "account_confirm_login_code": anyone(302),
    "account_logout": signed_in(200, nobody=302),
    "account_inactive": anyone(),
    "account_email": signed_in(),
    "account_email_verification_sent": anyone(302),
    # To the page that emails a code, as these have no authenticator app.
    "account_reauthenticate": signed_in(302),
    "account_change_password": anyone(404),
    "account_set_password": anyone(404),
    "account_reset_password": anyone(404),
    "account_reset_password_done": anyone(404),
    "account_reset_password_from_key": anyone(404),
    "account_reset_password_from_key_done": anyone(404),
    "mfa_index": signed_in(),
    "mfa_authenticate": anyone(302),
    "mfa_reauthenticate": signed_in(302),
    "mfa_activate_totp": signed_in(),
    "mfa_deactivate_totp": signed_in(404),
    "mfa_view_recovery_codes": signed_in(404),
    "mfa_generate_recovery_codes": signed_in(),
    "mfa_download_recovery_codes": signed_in(404),
}
# Wagtail's routes: pages and documents are public unless an editor restricts them.
WAGTAILS = {
    "wagtail_serve": (("home",), anyone()),
    "wagtaildocs_serve": (("document", "filename"), anyone()),
    "wagtaildocs_authenticate_with_password": (("nothing",), anyone(404)),
    "wagtailcore_authenticate_with_password": (("nothing", "nothing"), anyone(404)),
    "wagtailcore_login": ((), anyone(TO_SIGN_IN)),
}
# Our routes that replace third-party ones: an address to try, and its outcome by role.
IN_PLACE_OF_OTHERS = {
    "agencies:no_password": ("/accounts/password/change/", anyone(404)),
    "agencies:to_sign_in": ("/_util/login/?next=/", anyone(TO_SIGN_IN)),
}


def routes(patterns=None, before="", spaces=()):
    """Yield (address with placeholders, name) of every route."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield address, ":".join([*spaces, pattern.name or pattern.callback.__name__])
        else:
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from routes(pattern.url_patterns, address, inner)


def test_every_route_is_in_the_matrix():
    named = [name for address, name in routes() if not address.startswith("cms/")]
    known = [*OURS, *SIGNING_IN, *WAGTAILS, *IN_PLACE_OF_OTHERS]
    assert sorted(named) == sorted(known), "Say in tests/test_access_matrix.py who may have it"


@pytest.fixture
def world(world_of_all, settings):
    """Yield one person's objects and a client per role; roll back after each test."""
    settings.LMS_DEVELOPMENT = False
    with transaction.atomic():
        yield world_of_all
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def world_of_all(django_db_setup, django_db_blocker, data_folder):
    """Create the world once per module, as that takes as long as many of its tests."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield a_world()
        transaction.set_rollback(True)


def a_world():
    Board.load()  # the first visitor to a new site creates these rows
    ConcernContacts.load()
    BookingPolicy.load()
    ProtocolPolicy.load()
    ours, another = AgencyFactory(name="Ours"), AgencyFactory(name="Another")
    people = {role: person_as(role, another if "another" in role else ours) for role in SIGNED_IN}
    PostFactory(person=people["stranger"], agency=another)
    clients = {role: client_of(people.get(role)) for role in ROLES}
    post = people["owner"].posts.get()
    post.line_manager = people["manager"]
    post.save()
    return SimpleNamespace(
        things=things_of(people["owner"], ours, people) | {"post": post.pk},
        owner=people["owner"],
        clients=clients,
    )


def person_as(role, agency):
    name = "Olive Owner" if role == "owner" else role
    groups = [STAFF[role]] if role in STAFF else []
    person = PersonFactory(name=name, is_staff=bool(groups), groups=groups)
    if role not in (*STAFF, "stranger"):
        PostFactory(person=person, agency=agency, is_lead=role.startswith("lead"))
    return person


def things_of(owner, agency, people):
    page = CoursePageFactory()
    run = RunFactory(course=page.course, trainers=[people["trainer"]])
    past = RunFactory(course=page.course, starts_at=in_days(-9), trainers=[people["trainer"]])
    RunFactory(course=page.course, trainers=[people["another trainer"]])
    booking = BookingFactory(run=run, person=owner, agency=agency)
    asked = BookingFactory(
        run=RunFactory(course=page.course, asks_approval=True),
        person=owner,
        agency=agency,
        state="requested",
        holds_place=True,
    )
    offered = BookingFactory(
        run=RunFactory(course=page.course), person=owner, agency=agency, state="offered"
    )
    completion = CompletionFactory(
        person=owner, booking=BookingFactory(run=past, person=owner, agency=agency)
    )
    certificate = CertificateFactory(holder=owner, award=completion.award)
    document = get_document_model().objects.create(
        title="Sheet", file=ContentFile(b"A sheet.", "sheet.txt")
    )
    evaluation = EvaluationFactory(booking=completion.booking)
    sent = DisseminationFactory(agency=agency)
    pdfs.keep(sent.edition, b"%PDF-")
    return {
        "draft": ApprovalFactory(agency=agency).pk,
        "evaluation": evaluation.pk,
        "indicator": IndicatorFactory().pk,
        "evaluates": links.create(
            "evaluation", evaluation, sent_to="any@example.org", until=in_days(9)
        ),
        "placed": booking.pk,
        "handout": MaterialFactory(course=page.course, when="before").pk,
        "run": run.pk,
        "session": run.sessions.get().pk,
        "sent": SentMarkFactory(booking=booking).pk,
        "booking": booking.pk,
        "completion": completion.pk,
        "number": certificate.number,
        "code": certificate.code,
        "request": PostFactory(agency=agency, confirmed_at=None).pk,
        "post without email": PostFactory(agency=agency, person__email=None).pk,
        "document": document.pk,
        "filename": document.filename,
        "home": "",
        "whole picture": ImageFactory().file.name,
        "asked": asked.pk,
        "evidence": EvidenceFactory(person=owner).pk,
        "elsewhere": CoursePageFactory(course=CourseElsewhereFactory()).course.code,
        "approval": links.create("approval", asked, sent_to="any@example.org", until=in_days(9)),
        "delivery": links.create(
            "delivery", DeliveryRequestFactory(run=run), sent_to="any@example.org", until=in_days(9)
        ),
        "offer": links.create("offer", offered, sent_to="any@example.org", until=in_days(9)),
        "sign_in": links.create("sign_in_link", owner, sent_to=owner.email, until=in_days(-1)),
        "shared": (token := sharing.share(owner, days=7, reader="Any employer", by=owner)),
        "share": links.find("record", token).pk,
        "cancel": links.create("cancel", booking, sent_to="any@example.org", until=in_days(9)),
        "edition": sent.edition_id,
        "sent_edition": sent.pk,
        "protocol": sent.edition.page.path_of_page.removeprefix("/"),
        "number of edition": sent.edition.number,
        "alerts": alerts_link(alerts.CONFIRMS),
        "stops": alerts_link(alerts.STOPS),
        "open session": owner.open_sessions.get().pk,
        **of_a_module(owner, people["administrator"]),
        "nothing": 999,
    }


def of_a_module(owner, editor):
    """Let the owner end one attempt at a module, and be in another."""
    version = make_issued(by=editor, content=[lesson("Noticing"), scenario()], attempts_allowed=9)
    ended = learning.begin(version.module, by=owner)
    ending.end(ended, Attempt.State.LAPSED, by="NIGHTLY")
    learning.begin(version.module, by=owner)
    parts = {"part": 1, "scenario": 2, "situation": 1, "position": 1}
    parts |= {"module file": make_file(version).mark}
    return {"module": version.module.code, "attempt": ended.pk} | parts


def alerts_link(purpose):
    wanted = Subscription.objects.get_or_create(email="any@example.org", topic=TopicFactory())[0]
    return links.create(purpose, wanted, sent_to=wanted.email, until=in_days(9))


def client_of(person):
    client = Client()
    if person:
        client.force_login(person)
    return client


# Entries of the audit log about the reader: they change nothing that can be read.
OF_READING = {"person.took_file", "person.refused"}


class Written:
    """Recorder of INSERT, UPDATE and DELETE statements, except on sessions and of the reader."""

    def __init__(self):
        self.statements = []

    def __call__(self, execute, sql, params, *more):
        of_reading = "history_event" in sql and not OF_READING.isdisjoint(params or ())
        writes = sql.startswith(("INSERT", "UPDATE", "DELETE"))
        if writes and "django_session" not in sql and not of_reading:
            self.statements.append(sql)
        return execute(sql, params, *more)


def outcome(response):
    asked_to = response.headers.get("Location", "")
    return TO_SIGN_IN if asked_to.startswith("/accounts/login/?") else response.status_code


def names_owner(response, world):
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return any(fact.encode() in body for fact in (world.owner.name, world.owner.email))


def ask(world, route, about, method, expected):
    """Request a route as each role; list unexpected outcomes, forbidden writes and leaks."""
    address = reverse(route, args=[world.things[name] for name in about])
    found, wrongs = {}, []
    for role, client in world.clients.items():
        written = Written()
        with transaction.atomic(), connection.execute_wrapper(written):
            response = getattr(client, method)(address, {"csrfmiddlewaretoken": "any"})
            transaction.set_rollback(True)
        found[role] = outcome(response)
        let_in = method == "post" and expected[role] in (200, 302)
        if written.statements and not let_in:
            wrongs.append(f"{route}: {method} by {role} wrote {written.statements}")
        told = names_owner(response, world)
        if told and role in FOREIGN and route not in TELLS_ITS_HOLDER:
            wrongs.append(f"{route}: {method} tells {role} of {world.owner}")
    differing = {role: got for role, got in found.items() if got != expected[role]}
    return wrongs + ([f"{route}: {method} gave {differing}"] if differing else [])


@pytest.mark.parametrize("route", OURS)
def test_everybody_reads_what_is_theirs_and_reading_changes_nothing(world, route):
    about, reading, _ = OURS[route]
    assert ask(world, route, about, "get", reading) == []


@pytest.mark.parametrize("route", OURS)
def test_nobody_changes_what_is_anothers(world, route):
    about, _, sending = OURS[route]
    assert ask(world, route, about, "post", sending) == []


@pytest.mark.parametrize("route", SIGNING_IN)
def test_signing_in_is_about_oneself(world, route):
    about = {"account_reset_password_from_key": ("nothing", "nothing")}.get(route, ())
    assert ask(world, route, about, "get", SIGNING_IN[route]) == []


@pytest.mark.parametrize("route", IN_PLACE_OF_OTHERS)
def test_nobody_signs_in_by_another_door_or_with_a_password(world, route):
    address, expected = IN_PLACE_OF_OTHERS[route]
    found = {role: outcome(client.get(address)) for role, client in world.clients.items()}
    assert found == expected


@pytest.mark.parametrize("route", WAGTAILS)
def test_wagtails_own_addresses(world, route):
    about, reading = WAGTAILS[route]
    assert ask(world, route, about, "get", reading) == []


def test_a_page_that_an_editor_restricts_is_kept_from_those_outside(world):
    page = Page.objects.get(slug="courses")
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    found = {role: outcome(client.get(page.url)) for role, client in world.clients.items()}
    assert found == signed_in()


def test_a_closed_account_has_nothing_left(world):
    Person.objects.filter(pk=world.owner.pk).update(is_active=False)
    assert outcome(world.clients["owner"].get("/my/")) == TO_SIGN_IN


# Admin addresses for signing in and out; the others are closed to people of agencies.
AT_THE_DOOR = {"cms/login/", "cms/logout/", "cms/sprite/", "cms/jsi18n/"}


def back_office():
    """List the admin's addresses without arguments, except those for signing in and out."""
    addresses = {address for address, _ in routes() if address.startswith("cms/")}
    return sorted(a for a in addresses - AT_THE_DOOR if not set(a) & set("<(?^["))


def test_nobody_of_an_agency_enters_the_back_office(world):
    shut = {
        (address, role): told
        for address in back_office()
        for role in ("nobody", "lead")
        if (told := outcome(world.clients[role].get(f"/{address}"))) not in (TO_SIGN_IN, 403, 404)
    }
    assert shut == {}
