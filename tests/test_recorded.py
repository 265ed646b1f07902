"""Test that whatever the office changes is in history, by the person who changed it.

Every form of the back office comes from the routes: one that is not in CHANGES must refuse
everybody. A form that changes something is put in CHANGES with a valid change.
"""

import datetime as dt
import re
from types import SimpleNamespace

import pytest
from django.db import connection
from django.urls import URLPattern, get_resolver, resolve
from django.utils import timezone
from wagtail.admin.views.generic.chooser import CreationFormMixin
from wagtail.contrib.settings.registry import registry

from agencies.back_office.concern_contacts import ConcernContactsView
from agencies.back_office.recorded import RecordedForm, SettingView
from agencies.merging import merging
from agencies.models import Board, ConcernContacts
from certificates.designs import designing
from certificates.models import DesignVersion
from courses.completion import external_training
from courses.models import BookingPolicy, Mark, Venue
from elearning.authoring.importing import bringing
from elearning.back_office.bringing import BringInView
from elearning.learning import learning
from history.models import Event
from lms.models import Mail, MailHold
from lms.privacy.general import OldMail
from privacy import switching
from privacy.models import Retention
from protocols.approval import agreements
from protocols.back_office.indicators_import import ImportView
from protocols.editions import editions
from protocols.indicators.sheet import IndicatorRow
from protocols.models import ProtocolPolicy
from tests.agencies.test_back_office import agency_fields, person_fields
from tests.assurance.test_behind import completed, revise, teaching
from tests.certificates.test_designs_office import filled
from tests.courses.test_back_office import new_run, unchanged
from tests.courses.test_evaluation_office import a_file, material_fields, question_fields
from tests.elearning.learners import take_check
from tests.elearning.modules import GIFT, make_issued, make_module, make_recording, recording_file
from tests.elearning.packages.brought import make_package, package_file
from tests.factories import (
    APPROVED,
    AgeGroupFactory,
    AgencyFactory,
    ApprovalFactory,
    AssessmentDomainFactory,
    BookingFactory,
    CertificateFactory,
    ChargeFactory,
    CompletionFactory,
    CourseElsewhereFactory,
    CourseFactory,
    DisseminationFactory,
    EvidenceFactory,
    FeeFactory,
    IndicatorFactory,
    LevelFactory,
    MailFactory,
    MarkFactory,
    MaterialFactory,
    PersonFactory,
    PostFactory,
    ProtocolPageFactory,
    QuestionFactory,
    RoleGroupFactory,
    RunFactory,
    SectorFactory,
    TierFactory,
    TopicFactory,
    TrainerFactory,
    VenueFactory,
    in_days,
)
from tests.protocols.test_publishing import revised
from tests.rooms import is_ours
from tests.test_access_matrix import Written

pytestmark = pytest.mark.django_db
# Forms that show what a change would look like, and write nothing.
PREVIEWS = ["design/preview/", "design/preview/<int:pk>/"]
CHOICE = {"name": "Another", "position": 3}
TOPIC = {"name": "Sleep", "slug": "sleep", "parent": ""}
VENUE = {"name": "Hall", "address": "1 High Street", "travel": "", "access": ""}


def forms_below(patterns, before=""):
    """Yield (address, model) of each view of ours, or about our models, that takes a POST."""
    for pattern in patterns:
        address = before + str(pattern.pattern)
        if not isinstance(pattern, URLPattern):
            yield from forms_below(pattern.url_patterns, address)
        elif view := getattr(pattern.callback, "view_class", None):
            model = pattern.callback.view_initkwargs.get("model") or getattr(view, "model", None)
            ours = is_ours(view) or (isinstance(model, type) and is_ours(model))
            if issubclass(view, CreationFormMixin):  # of a chooser, which may have no form
                ours = ours and view(**pattern.callback.view_initkwargs).get_creation_form_class()
            if address.startswith("cms/") and ours and hasattr(view, "post"):
                yield address.removeprefix("cms/"), model


FORMS = {}
for found, about in forms_below(get_resolver().url_patterns):
    FORMS.setdefault(found, about)  # of two with one address, the first answers


def one(thing, **data):
    return [thing.pk], data


def course_fields(**more):
    fields = {
        "title": "Neglect", "code": "NEG", "version": 1, "summary": "In a sentence.",
        "audience": "All.", "outcomes": "See it.", "hours": "3.5", "kind": "taught",
        "format": "classroom", "runs_a_year_intended": 2, "later_months": 3,
    }  # fmt: skip
    return fields | more


def arranged(**more):
    return {"name": "Another", "slug": "another", "position": 9} | more


def tier(**more):
    return arranged(meaning="Whose needs.", response="Who acts.") | more


def indicator(**more):
    fields = {"tier": TierFactory().pk, "domain": AssessmentDomainFactory().pk, "text": "Hungry"}
    return fields | {"age_group": "", "starts_on": "2026-04-01", "ends_on": ""} | more


def restored_copy():
    MailHold.objects.create(restored_at=timezone.now(), copied_at=timezone.now())
    return [], {}


def setting(model, **more):
    kept = model.load()
    fields = {f.name: getattr(kept, f.name) for f in model._meta.fields if f.editable}
    return one(kept, **{n: value for n, value in fields.items() if value is not False} | more)


def asked(**more):
    return BookingFactory(state="requested", holds_place=True, run__asks_approval=True, **more)


def offered():
    return BookingFactory(state="offered", offered_until=in_days(1))


def waiting():
    return BookingFactory(run=RunFactory(places=0), state="waiting")


def second_in_the_queue():
    first = waiting()
    return BookingFactory(run=first.run, state="waiting")


def over(**more):
    return RunFactory(starts_at=in_days(-3), closed_at=in_days(-2), **more)


def absent():
    booking = BookingFactory(run=over())
    MarkFactory(booking=booking, kind=Mark.Kind.ABSENT)
    return booking.run


def accepted():
    evidence = EvidenceFactory()
    PostFactory(person=evidence.person)
    external_training.accept(evidence, by="OFFICE")
    return evidence


def to_accept():
    evidence = EvidenceFactory()
    PostFactory(person=evidence.person)
    return evidence


def behind():
    page = ProtocolPageFactory()
    course = teaching(page)
    completed(course, 20)
    revise(page)
    return page, course


def elsewhere():
    page = ProtocolPageFactory(edition=None)
    page.elsewhere.create(name="Hampshire", url="https://hampshire.example.org/ubp")
    page.save()
    return editions.issue_edition(page, by="TEST", approved_by=APPROVED)


def submitted():
    page = ProtocolPageFactory()
    page.save_revision(user=WHO["office"])
    page.get_workflow().start(page, WHO["office"])
    return page


def approved_for_later():
    """Approve a version that waits for its day, and return its revision."""
    page, on = ProtocolPageFactory(), timezone.localdate() + SOON
    revision = revised(page, in_force_from=on)
    revision.publish()
    return revision


def edition():
    return ProtocolPageFactory().edition_in_force


def led(thing):
    PostFactory(agency=thing.agency, is_lead=True)
    return thing


def agreed(page):
    [(whose, _), *_] = agreements.to_record(page)
    given = {"whose": whose, "source": "meeting", "on": "2026-03-02", "words": "Minute 7"}
    return one(page, **given)


def stopped():
    sent = led(DisseminationFactory())
    type(sent).objects.filter(pk=sent.pk).update(stopped_at=timezone.now(), stopped_reason="Closed")
    return sent


def design():
    return designing.add("Ours", DesignVersion(), by=WHO["office"])


def default_design():
    designing.make_default(made := design(), by=WHO["office"])
    return made


def failed_mail(person):
    return MailFactory(to=person.email, state=Mail.FAILED, template="booking_confirmed")


def brought_in():
    TierFactory(name="Tier 1: universal")
    AssessmentDomainFactory(name="Family")
    row = IndicatorRow(1, tier="Tier 1", domain="Family", text="Is hungry", starts_on="2026-04-01")
    view = ImportView()
    view.request = SimpleNamespace(user=WHO["office"])
    return [], {"rows": view.signed([row])}


def trainer_of():
    run = RunFactory(trainers=[PersonFactory()])
    return [run.pk, run.trainers.get().pk], {}


def telephoned(**data):
    post = PostFactory()
    return [post.person.pk], {
        name: value(post) if callable(value) else value for name, value in data.items()
    }


def sent_again():
    person = PersonFactory()
    return [person.pk, MailFactory(to=person.email, state=Mail.SENT, template="place_given").pk], {}


def checked():
    page, course = behind()
    return [page.pk, course.pk], {}


def module_fields(**more):
    fields = {
        "title": "Neglect", "summary": "What neglect is.", "code": "neglect", "minutes": "20",
        "before_you_start": "", "checked_against": "", "is_open": "on", "pass_mark": "80",
        "attempts_allowed": "3", "pause_hours": "24", "content-count": "0",
        "check_questions-count": "0",
    }  # fmt: skip
    return fields | more


def questions_to_bring():
    module, view = make_module(), BringInView()
    view.request, view.module = SimpleNamespace(user=WHO["office"]), module
    found = bringing.read_file(GIFT.encode()).to_bring
    rows = view.signed(found)
    return one(module, rows=rows, pool="new", outcome="Signs", take=[str(found[0].number)])


def used_up():
    version = make_issued(by=WHO["office"], attempts_allowed=1)
    return take_check(learning.begin(version.module, by=PersonFactory()), right=0)


WHO = {}
SOON = dt.timedelta(days=9)
CHANGES = {
    "run/new/": lambda: ([], new_run()),
    "run/edit/<int:pk>/": lambda: one(run := RunFactory(), **unchanged(run, places=20)),
    "run/cancel/<int:pk>/": lambda: one(RunFactory(), reason="Snow"),
    "run/ahead/<int:pk>/": lambda: one(RunFactory(minimum=4)),
    "run/tell/<int:pk>/": lambda: one(RunFactory(held_because="Later.", held_at=in_days(-1))),
    "run/absences/<int:pk>/": lambda: one(absent()),
    "run/book/<int:pk>/": lambda: one(RunFactory(), email=PostFactory().person.email),
    "run/add/<int:pk>/": lambda: one(
        RunFactory(), email=PostFactory().person.email, reason="The chair asked"
    ),
    "run/write/<int:pk>/": lambda: one(
        BookingFactory().run, whom="everybody", subject="Lunch", message="Bring it."
    ),
    "run/repeat/<int:pk>/": lambda: one(RunFactory(), day_1=in_days(60).date().isoformat()),
    "run/approve/<int:pk>/": lambda: one((request := asked()).run, bookings=[request.pk]),
    "run/certificates/<int:pk>/": lambda: one(CompletionFactory().booking.run),
    "booking/cancel/<int:pk>/": lambda: one(BookingFactory(), reason="Ill"),
    "booking/approve/<int:pk>/": lambda: one(asked()),
    "booking/refuse/<int:pk>/": lambda: one(asked(), reason="Not this year"),
    "booking/accept/<int:pk>/": lambda: one(offered()),
    "booking/decline/<int:pk>/": lambda: one(offered()),
    "booking/give/<int:pk>/": lambda: one(
        booking := BookingFactory(), colleague=PostFactory(agency=booking.agency).person.email
    ),
    "booking/job/<int:pk>/": lambda: one(
        made := BookingFactory(), post=PostFactory(person=made.person).pk
    ),
    "booking/turn/<int:pk>/": lambda: one(second_in_the_queue(), position=1),
    "evidence/accept/<int:pk>/": lambda: one(to_accept()),
    "evidence/refuse/<int:pk>/": lambda: one(EvidenceFactory(), reason="Too short"),
    "evidence/take_back/<int:pk>/": lambda: one(accepted(), reason="Of another Sam"),
    "course/link/<int:pk>/": lambda: one(
        course := CourseElsewhereFactory(), link=course.provider_link
    ),
    "charge/waive/<int:pk>/": lambda: one(ChargeFactory(), reason="Bereavement"),
    "charge/finance/": lambda: (ChargeFactory() and [], {}),
    "trainer/new/": lambda: ([], {"email": PersonFactory().email, "is_available": "on"}),
    "trainer/edit/<int:pk>/": lambda: one(TrainerFactory(), notes="Not on Fridays"),
    "trainer/date/<int:run_pk>/": lambda: one(
        run := RunFactory(), people=[TrainerFactory(subjects=[run.course]).person.pk]
    ),
    "trainer/date/<int:run_pk>/take-off/<int:pk>/": trainer_of,
    "module/new/": lambda: ([], module_fields()),
    "module/edit/<int:pk>/": lambda: one(make_module(), **module_fields()),
    "module/issue/<int:pk>/": lambda: one(
        module := make_module(), what_changed="First version.", seen=module.draft_sha256
    ),
    "module/withdraw/<int:pk>/": lambda: one(make_issued(by=WHO["office"]), reason="Wrong key"),
    "module/grant/<int:pk>/": lambda: one(used_up(), reason="They asked"),
    "module/waive/<int:pk>/": lambda: one(
        PersonFactory(), module=make_issued(by=WHO["office"]).module_id, reason="Done elsewhere"
    ),
    "module/bring-in/<int:pk>/": questions_to_bring,
    "module/packages/<int:pk>/": lambda: one(make_module(), file=package_file()),
    "module/package/<int:pk>/": lambda: one(
        make_package(), rule="as_it_says", what_changed="First version."
    ),
    "recording/new/": lambda: ([], {"title": "A visit", "upload": recording_file()}),
    "recording/edit/<int:pk>/": lambda: one(make_recording(), title="Another visit"),
    "course/new/": lambda: ([], course_fields()),
    "course/edit/<int:pk>/": lambda: one(CourseFactory(), **course_fields()),
    "material/new/": lambda: ([], material_fields(CourseFactory(), a_file())),
    "material/edit/<int:pk>/": lambda: one(
        material := MaterialFactory(), **material_fields(material.course, title="Handout")
    ),
    "material/remove/<int:pk>/": lambda: one(MaterialFactory()),
    "question/new/": lambda: ([], question_fields()),
    "question/edit/<int:pk>/": lambda: one(QuestionFactory(), **question_fields()),
    "question/retire/<int:pk>/": lambda: one(QuestionFactory()),
    "venue/new/": lambda: ([], VENUE),
    "venue/edit/<int:pk>/": lambda: one(VenueFactory(), **VENUE),
    "level/new/": lambda: ([], CHOICE),
    "level/edit/<int:pk>/": lambda: one(LevelFactory(), **CHOICE),
    "fee/new/": lambda: ([], {"sector": SectorFactory().pk, "a_day": "75.00"}),
    "fee/edit/<int:pk>/": lambda: one(fee := FeeFactory(), sector=fee.sector_id, a_day="75.00"),
    "indicator/new/": lambda: ([], indicator()),
    "indicator/edit/<int:pk>/": lambda: one(IndicatorFactory(), **indicator()),
    "indicator/bring-in/": brought_in,
    "tier/new/": lambda: ([], tier()),
    "tier/edit/<int:pk>/": lambda: one(TierFactory(), **tier()),
    "assessmentdomain/new/": lambda: ([], arranged()),
    "assessmentdomain/edit/<int:pk>/": lambda: one(AssessmentDomainFactory(), **arranged()),
    "agegroup/new/": lambda: ([], arranged()),
    "agegroup/edit/<int:pk>/": lambda: one(AgeGroupFactory(), **arranged()),
    "snippets/protocols/topic/add/": lambda: ([], TOPIC),
    "snippets/protocols/topic/edit/<int:pk>/": lambda: one(TopicFactory(), **TOPIC),
    "snippets/protocols/topic/copy/<int:pk>/": lambda: one(TopicFactory(), **TOPIC),
    "certificate/revoke/<int:pk>/": lambda: one(CertificateFactory(), reason="Not them"),
    "certificate/correct/<int:pk>/": lambda: one(CertificateFactory(), reason="Typo", name="Bo"),
    "design/new/": lambda: ([], filled()),
    "design/edit/<int:pk>/": lambda: one(design(), **filled(saw=1)),
    "design/default/<int:pk>/": lambda: one(design()),
    "design/delivered/<int:pk>/": lambda: one(default_design()),
    "agency/new/": lambda: ([], agency_fields()),
    "agency/edit/<int:pk>/": lambda: one(AgencyFactory(), **agency_fields()),
    "job/new/": lambda: (
        [],
        {
            "email": PersonFactory().email,
            "agency": AgencyFactory().pk,
            "title": "Midwife",
            "starts_on": "2026-01-05",
        },
    ),  # fmt: skip
    "job/edit/<int:pk>/": lambda: one(PostFactory(), title="Nurse"),
    "job/waiting/": lambda: ([], {"jobs": [PostFactory(confirmed_at=None).pk]}),
    "job/<int:pk>/confirm/": lambda: one(PostFactory(confirmed_at=None)),
    "job/<int:pk>/vouch/": lambda: one(PostFactory(proved_by="nhs.net")),
    "job/<int:pk>/refuse/": lambda: one(PostFactory(confirmed_at=None)),
    "job/<int:pk>/appoint/": lambda: one(PostFactory()),
    "job/<int:pk>/stand_down/": lambda: one(PostFactory(is_lead=True)),
    "job/<int:pk>/end/": lambda: one(PostFactory(), ends_on=timezone.localdate().isoformat()),
    "sector/new/": lambda: ([], CHOICE),
    "shared_domain/new/": lambda: ([], {"name": "county.example.org"}),
    "sector/edit/<int:pk>/": lambda: one(SectorFactory(), **CHOICE),
    "rolegroup/new/": lambda: ([], CHOICE),
    "rolegroup/edit/<int:pk>/": lambda: one(RoleGroupFactory(), **CHOICE),
    "double-accounts/<int:pk>/<int:older>/two-people/": lambda: (
        [PersonFactory().pk, PersonFactory().pk],
        {},
    ),
    "restored-copy/": restored_copy,
    "double-accounts/<int:pk>/<int:other>/merge/": lambda: (
        [PersonFactory().pk, PersonFactory().pk],
        {},
    ),
    "double-accounts/merged/<int:pk>/undo/": lambda: one(
        merging.merge(PersonFactory(), PersonFactory(), by=WHO["office"])
    ),
    "outbox/again/<int:pk>/": lambda: one(failed_mail(PersonFactory()), to="new@example.org"),
    "wording/<slug:kind>/": lambda: (
        ["job_confirmed"],
        {"subject": "Welcome to {{ agency }}", "text": "{{ name }}, you are on our list."},
    ),
    "users/new/": lambda: ([], person_fields()),
    "users/edit/<int:pk>/": lambda: one(PersonFactory(), **person_fields()),
    "telephone/<int:pk>/book/": lambda: telephoned(run=RunFactory().pk, post=lambda post: post.pk),
    "telephone/<int:pk>/sign-in-link/": lambda: telephoned(is_them="on"),
    "telephone/<int:pk>/correct/": lambda: telephoned(name="Bo", email="bo@example.org"),
    "telephone/<int:pk>/mail/<int:mail_pk>/again/": sent_again,
    "reports/behind-its-protocol/<int:pk>/checked/<int:course>/": checked,
    "reports/retention/<slug:name>/switch-on/": lambda: (
        ["mail"],
        {"seen": switching.seen_by(WHO["office"], OldMail())},
    ),
    "reports/retention/<slug:name>/switch-off/": lambda: switched_on("mail"),
    "reports/behind-its-protocol/<int:pk>/briefing/": lambda: one(
        behind()[0], subject="New", message="Read it."
    ),
    "cascade/<int:pk>/send/": lambda: one(
        led(SimpleNamespace(pk=edition().pk, agency=AgencyFactory())),
        deadline=(timezone.localdate() + SOON).isoformat(),
        to="all",
    ),  # fmt: skip
    "cascade/name/<int:pk>/": lambda: one(
        sent := DisseminationFactory(), email=PostFactory(agency=sent.agency).person.email
    ),
    "cascade/stop/<int:pk>/": lambda: one(led(DisseminationFactory()), reason="Closed"),
    "cascade/again/<int:pk>/": lambda: one(stopped()),
    "cascade/remind/<int:pk>/": lambda: one(led(DisseminationFactory())),
    "protocols/editions/<int:pk>/withdraw/": lambda: one(edition(), reason="A wrong figure"),
    "protocols/editions/<int:pk>/put-back/": lambda: one(withdrawn_edition()),
    "protocols/editions/<int:pk>/still-right/": lambda: one(
        edition(), next_review_on=(timezone.localdate() + SOON).isoformat()
    ),
    "protocols/editions/<int:pk>/elsewhere/": lambda: one(
        elsewhere(), url="https://hampshire.example.org/ubp", is_same="yes"
    ),
    "protocols/approvals/<int:pk>/remind/": lambda: one(led(ApprovalFactory())),
    "protocols/coming/<int:pk>/day/": lambda: one(
        approved_for_later(), on=(timezone.localdate() + 2 * SOON).isoformat()
    ),
    "protocols/coming/<int:pk>/call-off/": lambda: one(approved_for_later()),
    "protocols/<int:pk>/take-back/": lambda: one(submitted()),
    "protocols/<int:pk>/agreed/": lambda: agreed(submitted()),
    "settings/agencies/board/<int:pk>/": lambda: setting(Board, name="The board"),
    "settings/agencies/concerncontacts/<int:pk>/": lambda: setting(
        ConcernContacts, hub_name="The hub", saw=0
    ),
    "settings/courses/bookingpolicy/<int:pk>/": lambda: setting(BookingPolicy, offer_days=1),
    "settings/protocols/protocolpolicy/<int:pk>/": lambda: setting(ProtocolPolicy, answer_days=9),
}


def switched_on(name):
    Retention.objects.create(record_type=name, is_on=True)
    return [name], {}


def withdrawn_edition():
    found = edition()
    editions.withdraw(found, reason="A wrong figure", by="TEST")
    return found


# Objects for forms that must refuse everybody, so that none refuses only because it finds nothing.
MADE_BY = {
    "agency": AgencyFactory, "agegroup": AgeGroupFactory,
    "assessmentdomain": AssessmentDomainFactory, "booking": BookingFactory,
    "certificate": CertificateFactory, "charge": ChargeFactory, "course": CourseFactory,
    "evidence": EvidenceFactory, "fee": FeeFactory, "indicator": IndicatorFactory,
    "level": LevelFactory, "module": make_module, "recording": make_recording,
    "mail": MailFactory, "material": MaterialFactory,
    "person": PersonFactory, "post": PostFactory, "question": QuestionFactory,
    "rolegroup": RoleGroupFactory, "run": RunFactory, "sector": SectorFactory,
    "tier": TierFactory, "topic": TopicFactory, "trainer": TrainerFactory, "venue": VenueFactory,
    "design": lambda: design(),
}  # fmt: skip
REFUSING = sorted(FORMS.keys() - CHANGES.keys() - {*PREVIEWS})


@pytest.fixture
def everything(office):
    """Give the office's administrator every role there is."""
    office.is_superuser = True
    office.save()
    WHO["office"] = office
    return office


def path_of(address, arguments):
    return "/cms/" + re.sub("<[^>]+>", lambda _: str(arguments.pop(0)), address)


def test_every_case_is_a_form_of_the_back_office():
    assert (CHANGES.keys() | {*PREVIEWS}) - FORMS.keys() == set()


@pytest.mark.parametrize("address", CHANGES)
def test_a_change_is_in_history_by_the_person_who_made_it(client, everything, address):
    arguments, data = CHANGES[address]()
    path, last = path_of(address, list(arguments)), Event.objects.order_by("pk").last()
    answer = client.post(path, data)
    events = Event.objects.filter(pk__gt=last.pk if last else 0, by_person=everything.pk)
    assert events.exists(), (answer.status_code, answer.content.decode()[-3000:])


@pytest.mark.parametrize("address", REFUSING)
def test_a_form_that_is_not_listed_refuses_everybody(client, everything, address):
    model = FORMS[address]
    arguments = [MADE_BY[model._meta.model_name]().pk] if "<" in address else []
    path, written = path_of(address, arguments), Written()
    with connection.execute_wrapper(written):
        answer = client.post(path, {"name": "Changed", "title": "Changed"})
    assert answer.status_code in (302, 403, 404, 405), "Say in tests/test_recorded.py what changes"
    assert answer.get("Location", "/cms/") == "/cms/"
    assert written.statements == []


@pytest.mark.parametrize("address", PREVIEWS)
def test_a_preview_writes_nothing(client, everything, address):
    path, written = path_of(address, [design().pk]), Written()
    with connection.execute_wrapper(written):
        assert client.post(path, filled())["Content-Type"] == "image/png"
    assert written.statements == []


def test_every_setting_is_saved_by_a_verb():
    for model in registry:
        app, name = model._meta.app_label, model._meta.model_name
        view = resolve(f"/cms/settings/{app}/{name}/1/").func.view_class
        assert issubclass(view, SettingView | ConcernContactsView), model


class CarelessForm(RecordedForm):
    class Meta:
        model = Venue
        fields = ["name", "address"]

    def clean(self):
        Venue.objects.create(name="Written too early", address="Here")
        return super().clean()


def test_a_form_that_writes_while_it_is_checked_fails_its_test():
    """Check the guard of tests/conftest.py, which holds for every form in every test."""
    with pytest.raises(AssertionError, match="Checking a form writes"):
        CarelessForm({"name": "Hall", "address": "Here"}).is_valid()
