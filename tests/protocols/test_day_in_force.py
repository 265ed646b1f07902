"""Tests that an approval and the day in force are two things: "Approve, in force from 1 March"."""

import datetime as dt
import io

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader
from wagtail.models import Revision, WorkflowTask

from agencies.access import (
    COMMITTEE_CHAIRS,
    POLICY_LEADS,
    PROTOCOL_EDITORS,
    TRAINING_ADMINISTRATORS,
)
from assurance.this_week import parts
from history.models import Event
from lms.models import Mail
from protocols.approval import agreements, approval, outcome
from protocols.back_office.this_week import ComingVersions
from protocols.drafts import content
from protocols.editions import editions, pdfs, planning, scheduling
from protocols.models import Approval, BoardStep, ProtocolPage
from tests.factories import PersonFactory, PostFactory, ProtocolPageFactory
from tests.protocols.test_approving import (
    approve_step,
    asked,
    draft_of,
    drafted,
    form_of,
    protocol_for,
    saying,
)

pytestmark = pytest.mark.django_db

FEBRUARY, MARCH = dt.date(2027, 2, 12), dt.date(2027, 3, 1)


def noon(day):
    return dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC)


@pytest.fixture
def board():
    groups = {"author": PROTOCOL_EDITORS, "policy": POLICY_LEADS, "chair": COMMITTEE_CHAIRS}
    return {name: PersonFactory(is_staff=True, groups=[group]) for name, group in groups.items()}


@pytest.fixture
def staff_client(client, settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False

    def signed_in(person):
        client.force_login(person)
        return client

    return signed_in


def fresh(page):
    return ProtocolPage.objects.get(pk=page.pk)


def labels(page, person):
    page = fresh(page)
    actions = page.current_workflow_task.get_actions(page, person)
    return [str(label) for name, label, _ in actions if name == "approve"]


def approved_for(board, on, page=None, **fields):
    """Approve a version in February that is in force from a later day."""
    with time_machine.travel(noon(FEBRUARY)):
        page = drafted(page or ProtocolPageFactory(), board["author"], in_force_from=on, **fields)
        approve_step(page, board["policy"])
        approve_step(page, board["chair"])
    return fresh(page)


def text_of(response):
    return " ".join(BeautifulSoup(response.content, "html.parser").get_text(" ").split())


@pytest.mark.parametrize(
    ("planned", "says"),
    [
        (MARCH, "in force from 1 March 2027"),
        (None, "in force today"),
        (FEBRUARY, "in force today"),
        (dt.date(2027, 2, 1), "in force today"),
    ],
)
@time_machine.travel(noon(FEBRUARY))
def test_whoever_approves_last_sees_the_day_and_nobody_before(board, planned, says):
    lead = PostFactory(is_lead=True).person
    page = drafted(protocol_for(lead.posts.get().agency), board["author"], in_force_from=planned)
    assert labels(page, board["policy"]) == ["Approve", "Approve with comment"]
    approve_step(page, board["policy"])
    assert outcome.after(draft_of(page), lead.posts.get().agency) == ""
    approval.approve(asked(page), by=lead)
    assert labels(page, board["chair"]) == [f"Approve, {says}", f"Approve with comment, {says}"]


@time_machine.travel(noon(FEBRUARY))
def test_an_agency_that_approves_last_sees_the_day_on_its_page(client, board):
    lead = PostFactory(is_lead=True).person
    page = protocol_for(lead.posts.get().agency)
    page = drafted(page, board["author"], in_force_from=MARCH)
    approve_step(page, board["policy"])
    client.force_login(lead)
    address = f"/my/drafts/{asked(page).pk}/"
    assert "Others approve it after you." in text_of(client.get(address))
    # The chair has approved this very text before.
    digest = content.digest(content.facts_of(draft_of(page)))
    Approval.objects.create(
        page=page,
        digest=digest,
        name="Case Review Committee chair",
        state="approved",
        answered_at=noon(FEBRUARY),
    )
    shown = text_of(client.get(address))
    assert "Approve, in force from 1 March 2027" in shown
    answer = client.post(address, {"decision": "approve"}, follow=True)
    assert "version 2, is in force from 1 March 2027. Until then, version 1" in text_of(answer)
    assert page.editions.count() == 1


def test_the_version_says_when_it_was_approved_and_from_when_it_is_in_force(client, board):
    page = approved_for(board, MARCH, ProtocolPageFactory(slug="unborn"))
    with time_machine.travel(noon(dt.date(2027, 2, 28))):
        scheduling.publish_due()
        assert fresh(page).edition_in_force.number == 1
        assert "Now this." not in text_of(client.get("/protocols/unborn/"))
        assert "1 March" not in text_of(client.get("/protocols/unborn/"))
    with time_machine.travel(noon(dt.date(2027, 3, 3))):  # The worker was down for two days.
        scheduling.publish_due()
        edition = page.editions.get(number=2)
        assert (edition.approved_on, edition.in_force_from) == (FEBRUARY, MARCH)
        assert edition.data["in_force_from"] == "2027-03-01"
        assert editions.sha256_of(edition, []) == edition.sha256
        pages = {
            "/protocols/unborn/": ["Approved on 12 February 2027 In force from 1 March 2027"],
            "/protocols/amendments/": ["Approved on 12 February 2027, in force from 1 March 2027"],
        }
        for address, said in pages.items():
            assert all(each in text_of(client.get(address)) for each in said), address
        while pdfs.make():
            pass
        pdf = client.get("/protocols/unborn/editions/2/pdf/").getvalue()
    printed = " ".join(PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())
    assert "Approved on: 12 February 2027" in printed
    assert "In force from: 1 March 2027" in printed


def test_what_is_approved_after_its_planned_day_is_in_force_from_that_day(board):
    late = dt.date(2027, 3, 4)
    with time_machine.travel(noon(FEBRUARY)):
        page = drafted(ProtocolPageFactory(), board["author"], in_force_from=MARCH)
        approve_step(page, board["policy"])
    with time_machine.travel(noon(late)):
        assert labels(page, board["chair"])[0] == "Approve, in force today"
        approve_step(page, board["chair"])
        edition = page.editions.get(number=2)
        assert (edition.approved_on, edition.in_force_from) == (late, late)
        assert (
            "It was approved after 1 March 2027, the day planned for it, so it is in force from "
            "4 March 2027."
        ) in planning.outcome(fresh(page))


def test_the_day_is_moved_without_approving_anew_but_the_text_is_not(board):
    page = approved_for(board, MARCH)
    [coming] = planning.coming_of(page)
    assert coming.in_words == "Version 2: approved on 12 February 2027, in force from 1 March 2027"
    april = dt.date(2027, 4, 1)
    with time_machine.travel(noon(FEBRUARY)):
        with pytest.raises(editions.EditionRefused, match="Only the protocol editors"):
            planning.move(coming.revision, on=april, by=board["chair"])
        with pytest.raises(editions.EditionRefused, match="Enter today or a day"):
            planning.move(coming.revision, on=dt.date(2027, 2, 11), by=board["author"])
        planning.move(coming.revision, on=april, by=board["author"])
    assert Event.objects.get(action="edition.day_moved").was == {"in_force_from": "2027-03-01"}
    with time_machine.travel(noon(MARCH)):
        scheduling.publish_due()
        assert page.editions.count() == 1
    with time_machine.travel(noon(april)):
        scheduling.publish_due()
    assert page.editions.get(number=2).in_force_from == april
    other = draft_of(page)
    other.body = saying("Another text.")
    assert approval.lacking(other, content.facts_of(other))


@time_machine.travel(noon(FEBRUARY))
def test_moved_to_today_it_is_in_force_at_once(board):
    page = approved_for(board, MARCH)
    [coming] = planning.coming_of(page)
    planning.move(coming.revision, on=FEBRUARY, by=board["author"])
    assert fresh(page).edition_in_force.in_force_from == FEBRUARY
    assert not planning.coming_of(fresh(page))


@pytest.mark.parametrize("name", ["move_day_in_force", "call_off_version"])
def test_the_page_names_the_protocol_and_says_who_gets_an_email(board, staff_client, name):
    page = approved_for(board, MARCH)
    [coming] = planning.coming_of(page)
    with time_machine.travel(noon(FEBRUARY)):
        asks = staff_client(board["author"]).get(reverse(name, args=[coming.revision.pk]))
    text = BeautifulSoup(asks.content, "html.parser").find(class_="office-note").text
    assert text.startswith(f"{page.title}. Version 2")
    assert ("People who asked for alerts get one" in text) == (name == "move_day_in_force")


def test_called_off_it_is_a_draft_whose_approvals_are_kept(board):
    page = approved_for(board, MARCH)
    [coming] = planning.coming_of(page)
    planning.call_off(coming.revision, by=board["author"])
    with pytest.raises(editions.EditionRefused, match="does not wait for its day any more"):
        planning.call_off(coming.revision, by=board["author"])
    after = dt.date(2027, 3, 5)
    with time_machine.travel(noon(after)):
        scheduling.publish_due()
        assert page.editions.count() == 1
        page = fresh(page)
        page.get_workflow().start(page, user=board["author"])
        assert page.editions.get(number=2).in_force_from == after


def test_two_that_wait_for_their_days_come_in_their_order(board):
    page = approved_for(board, MARCH)
    april = dt.date(2027, 4, 1)
    page = approved_for(board, april, draft_of(page), reason="More.", body=saying("And this."))
    assert [(one.number, one.on) for one in planning.coming_of(page)] == [(2, MARCH), (3, april)]
    first, second = (one.revision for one in planning.coming_of(page))
    with time_machine.travel(noon(FEBRUARY)):
        for revision, on in ((first, april), (second, MARCH)):
            with pytest.raises(editions.EditionRefused, match="choose an? (earlier|later) day"):
                planning.move(revision, on=on, by=board["author"])
    for on in (MARCH, april):
        with time_machine.travel(noon(on)):
            scheduling.publish_due()
    days = page.editions.order_by("number").values_list("in_force_from", flat=True)
    assert list(days)[1:] == [MARCH, april]


def test_one_that_gives_the_reason_of_one_before_it_is_refused_when_it_is_approved(board):
    page = approved_for(board, MARCH, reason="New guidance.")
    with pytest.raises(editions.EditionRefused, match="is in force from 1 March 2027"):
        approved_for(board, dt.date(2027, 4, 1), draft_of(page), body=saying("And this."))
    assert [one.on for one in planning.coming_of(page)] == [MARCH]


@pytest.mark.parametrize("change", ["called off", "moved", "in force"])
def test_what_the_job_has_read_as_due_is_looked_at_again(board, change):
    page = approved_for(board, MARCH)
    [read] = [one.revision for one in planning.coming_of(page)]
    stale = Revision.objects.get(pk=read.pk)
    with time_machine.travel(noon(MARCH)):
        if change == "called off":
            planning.call_off(read, by=board["author"])
        elif change == "moved":
            planning.move(read, on=dt.date(2027, 4, 1), by=board["author"])
        else:
            scheduling.publish_due()
        history = Event.objects.count()
        scheduling._publish(stale)
        assert Event.objects.count() == history
    assert page.editions.count() == (2 if change == "in force" else 1)


def test_a_later_text_for_an_earlier_day_replaces_what_waits_and_history_says_so(board):
    page = approved_for(board, MARCH)
    old = planning.coming_of(page)[0].revision
    page = approved_for(
        board, dt.date(2027, 2, 20), draft_of(page), reason="Urgent.", body=saying("At once.")
    )
    [coming] = planning.coming_of(page)
    assert coming.on == dt.date(2027, 2, 20)
    event = Event.objects.get(action="edition.replaced_before_its_day")
    assert event.was == {"in_force_from": "2027-03-01", "revision": old.pk}


def test_approvals_from_when_they_were_of_the_day_too_still_count(board):
    with time_machine.travel(noon(FEBRUARY)):
        page = drafted(ProtocolPageFactory(), board["author"], in_force_from=MARCH)
        approve_step(page, board["policy"])
        facts = content.facts_of(draft_of(page))
        now, before = content.digests(facts)
        assert now != before
        assert page.approvals.filter(digest=now).update(digest=before) == 2
        assert approval.lacking(draft_of(page), facts) == ["Case Review Committee chair"]


@time_machine.travel(noon(FEBRUARY))
def test_the_editor_gives_the_day_in_the_page_and_none_that_has_passed(staff_client, board):
    client, page = staff_client(board["author"]), ProtocolPageFactory()
    address = f"/cms/pages/{page.pk}/edit/"
    shown = client.get(address).content.decode()
    assert 'name="in_force_from"' in shown and 'name="go_live_at"' not in shown
    client.post(address, form_of(page, in_force_from="2027-03-01"))
    assert draft_of(page).in_force_from == MARCH
    assert draft_of(page).go_live_at.date() == MARCH
    said = client.post(address, form_of(page, in_force_from="2027-02-01")).content.decode()
    assert "Enter today or a later day, or leave it blank" in said
    client.post(address, form_of(page, in_force_from=""))
    assert (draft_of(page).in_force_from, draft_of(page).go_live_at) == (None, None)


def test_the_next_draft_begins_without_the_day_of_the_last_version():
    page = fresh(ProtocolPageFactory())
    assert page.in_force_from and page.get_latest_revision_as_object().in_force_from is None


@time_machine.travel(noon(FEBRUARY))
def test_no_save_and_no_autosave_changes_what_waits_for_its_day(staff_client, board):
    page = approved_for(board, MARCH)
    [coming] = planning.coming_of(page)
    client = staff_client(board["author"])
    address, was = f"/cms/pages/{page.pk}/edit/", coming.revision.content
    changed = form_of(page, summary="Other words.", in_force_from="")
    mine = changed | {"overwrite_revision_id": coming.revision.pk}
    client.post(address, changed)
    client.post(address, mine, headers={"accept": "application/json"})
    [still] = planning.coming_of(fresh(page))
    assert (still.revision, still.revision.content, still.on) == (coming.revision, was, MARCH)


@time_machine.travel(noon(FEBRUARY))
def test_the_office_sees_what_is_coming(staff_client, board):
    page = approved_for(board, MARCH, ProtocolPageFactory(title="Early Help"))
    office = PersonFactory(is_staff=True, groups=[TRAINING_ADMINISTRATORS])
    [item] = parts(office)["coming_versions"].items
    assert (item.words, item.note) == (
        "Early Help",
        "Version 2 is approved, in force from 1 March 2027.",
    )
    client = staff_client(board["author"])
    versions = reverse("protocol_versions", args=[page.pk])
    said = "Version 2: approved on 12 February 2027, in force from 1 March 2027."
    assert said in text_of(client.get(versions))
    assert said in text_of(client.get(f"/cms/pages/{page.pk}/edit/"))
    [coming] = planning.coming_of(page)
    move = reverse("move_day_in_force", args=[coming.revision.pk])
    assert said in text_of(client.get(move))
    answer = client.post(move, {"on": "2027-04-01"}, follow=True)
    assert "Version 2 is in force from 1 April 2027." in text_of(answer)
    call_off = reverse("call_off_version", args=[coming.revision.pk])
    assert "stays a draft" in text_of(client.get(call_off))
    client.post(call_off)
    assert not planning.coming_of(fresh(page))


def test_a_protocol_that_was_never_published_is_not_named_to_who_works_on_no_drafts(board):
    never = ProtocolPageFactory(title="Secret", edition=None, live=False)
    approved_for(board, MARCH, never)
    assert planning.waiting().count() == 1
    office = PersonFactory(is_staff=True, groups=[TRAINING_ADMINISTRATORS])
    assert not parts(office)["coming_versions"].items
    with time_machine.travel(noon(MARCH)):
        scheduling.publish_due()
        assert never.editions.get().in_force_from == MARCH


def test_a_step_that_comes_in_after_the_approval_is_said_before_the_day(staff_client, board):
    page = approved_for(board, MARCH)
    addresses = [f"/cms/protocols/{page.pk}/versions/", f"/cms/pages/{page.pk}/edit/"]
    sentence = "the text now also needs the approval of Legal adviser"
    with time_machine.travel(noon(FEBRUARY)):
        client = staff_client(board["author"])
        assert not any(sentence in text_of(client.get(address)) for address in addresses)
        step = BoardStep.objects.create(name="Legal adviser")
        WorkflowTask.objects.create(workflow=page.get_workflow(), task=step.task_ptr, sort_order=9)
        for address in addresses:
            assert sentence in text_of(client.get(address)), address
    with time_machine.travel(noon(MARCH)):
        scheduling.publish_due()
    assert "Legal adviser" in Mail.objects.filter(template="protocol_not_in_force").first().text


def test_many_are_listed_with_as_many_queries_as_one(board):
    office = PersonFactory(is_staff=True, groups=[TRAINING_ADMINISTRATORS])
    ComingVersions().section(office)  # Reads the groups of who looks, once.
    counts = []
    for many in (1, 2):
        for _ in range(many):
            approved_for(board, MARCH)
        with CaptureQueriesContext(connection) as ran:
            ComingVersions().section(office)
        counts.append(len(ran))
    assert counts[0] == counts[1]


def test_the_day_of_whoever_recorded_a_decision_is_not_before_it_arrived(board, staff_client):
    with time_machine.travel(noon(FEBRUARY)):
        page = drafted(ProtocolPageFactory(), board["author"], in_force_from=MARCH)
        approve_step(page, board["policy"])
        client = staff_client(board["author"])
        asks = client.get(reverse("record_agreement", args=[page.pk]))
        assert "chair: in force from 1 March 2027." in text_of(asks)
    with time_machine.travel(noon(dt.date(2027, 3, 4))):
        said = agreements.Source(kind="meeting", words="Minute 7", on=FEBRUARY)
        [key] = [key for key, name in agreements.to_record(fresh(page)) if "chair" in name]
        agreements.record(fresh(page), key, said, by=board["author"])
    edition = page.editions.get(number=2)
    assert (edition.approved_on, edition.in_force_from) == (FEBRUARY, dt.date(2027, 3, 4))


def test_wagtails_own_page_calls_nothing_off(staff_client, board):
    page = approved_for(board, MARCH)
    [coming] = planning.coming_of(page)
    client = staff_client(PersonFactory(is_staff=True, is_superuser=True))
    client.post(f"/cms/pages/{page.pk}/revisions/{coming.revision.pk}/unschedule/")
    assert Revision.objects.get(pk=coming.revision.pk).approved_go_live_at
