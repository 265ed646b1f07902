"""Ask each question about agencies after three mergers: A into B, B into C, C into D."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agencies import access, joining, mergers, staff_list_review
from agencies.models import Agency, Person, Post
from assurance import protocol_drift
from assurance.reports import attendance, days_given
from certificates.models import Certificate
from courses.back_office.runs import people
from courses.booking import booking, group_booking, waiting_list
from courses.booking.approval import due_to_pass_on
from courses.completion import awarding
from courses.models import Booking, Charge
from courses.rules import approvers, eligibility, quotas
from lms.models import Mail
from protocols.approval import approval
from protocols.cascade import dissemination, notices, views
from protocols.editions import editions, reviews
from protocols.models import Acknowledgement, Approval, Dissemination
from tests.factories import (
    APPROVED,
    AcknowledgementFactory,
    AgencyFactory,
    ApprovalFactory,
    BookingFactory,
    ChargeFactory,
    CompletionFactory,
    CourseFactory,
    CoursePageFactory,
    DisseminationFactory,
    DomainFactory,
    MarkFactory,
    PersonFactory,
    PostFactory,
    ProtocolPageFactory,
    RunFactory,
)
from tests.servers import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def board():
    """Build four agencies, each with a member of staff; the last has a lead."""
    agencies = [AgencyFactory(name=name) for name in ("A", "B", "C", "D")]
    staff = [PostFactory(agency=agency, person__name=f"Of {agency}") for agency in agencies]
    lead = PostFactory(agency=agencies[-1], is_lead=True, person__name="Lead").person
    return SimpleNamespace(agencies=agencies, staff=staff, lead=lead, first=agencies[0],
                           last=agencies[-1])  # fmt: skip


def merge(board):
    """Merge each agency into the next, the first one first; rows made before are of then."""
    for agency, into in zip(board.agencies, board.agencies[1:], strict=False):
        agency.merged_into, agency.merged_on = into, timezone.localdate()
        agency.save()


def client_of(person):
    client = Client()
    client.force_login(person)
    return client


def issue_another(page):
    page.in_force_from, page.reason, page.is_major = timezone.localdate(), "A finding.", True
    return editions.issue_edition(page, by="TEST", approved_by=APPROVED)


def who_leads_it(board):
    merge(board)
    return list(Person.objects.leading(board.first)), [board.lead]


def which_agencies_somebody_leads(board):
    merge(board)
    return set(access.agencies_led_by(board.lead)), set(board.agencies)


def who_led_a_part_leads_no_more_than_that(board):
    lead = PostFactory(agency=board.agencies[1], is_lead=True).person
    merge(board)
    return set(access.agencies_led_by(lead)), set(board.agencies[:2])


def whose_staff_a_lead_may_see(board):
    merge(board)
    people = {post.person for post in board.staff} | {board.lead}
    return set(Person.objects.visible_to(board.lead)), people


def which_jobs_a_lead_may_see(board):
    merge(board)
    return set(Post.objects.visible_to(board.lead)), {*board.staff, *board.lead.posts.all()}


def which_bookings_a_lead_may_see(board):
    made = BookingFactory(agency=board.first)
    merge(board)
    return list(Booking.objects.visible_to(board.lead)), [made]


def which_charges_a_lead_may_see_and_of_which_agency_they_are(board):
    charge = ChargeFactory(booking__agency=board.first)
    merge(board)
    found = Charge.objects.visible_to(board.lead).select_related("agency")
    return [(each, each.agency) for each in found], [(charge, board.first)]


def which_acknowledgements_a_lead_may_see(board):
    read = AcknowledgementFactory(person=board.staff[0].person)
    merge(board)
    return list(Acknowledgement.objects.visible_to(board.lead)), [read]


def whom_a_lead_may_confirm(board):
    waits = PostFactory(agency=board.first, confirmed_at=None)
    merge(board)
    return access.may_confirm(board.lead, waits), True


def who_is_asked_to_confirm_a_job(board):
    merge(board)
    joining.tell_who_confirms(board.staff[0])
    return Mail.objects.get(template="job_waiting").to, board.lead.email


def which_agency_to_join_instead(board):
    merge(board)
    with pytest.raises(joining.JoiningRefused) as refused:
        joining.join(PersonFactory(), board.first, title="Nurse", role_group=None,
                     by=PersonFactory())  # fmt: skip
    return "part of D. Choose" in str(refused.value), True


def which_agency_is_proposed_for_an_address_of_the_first(board):
    DomainFactory(agency=board.first, name="first.example.org")
    person = PersonFactory(email="ann@first.example.org")
    merge(board)
    return list(Agency.objects.proposed_to(person)), [board.last]


def how_many_staff_a_lead_is_asked_to_check(board):
    merge(board)
    told = staff_list_review._told(board.lead)
    return (told["agency"], told["staff"]), ("D", "5")


def who_has_taken_the_places_of_an_agency(board):
    run = RunFactory(agency_cap=4)
    for agency in board.agencies:
        BookingFactory(run=run, agency=agency)
    merge(board)
    shares = [quotas.PlaceQuotas(run), quotas.quotas_for_runs([run])[run.pk]]
    sentence = "has all of its 4 places on this date already."
    found = [its.why_not(agency) for its in shares for agency in board.agencies]
    return found, [f"{agency} {sentence}" for agency in board.agencies] * 2


def who_waits_when_the_agency_has_its_places(board):
    run = RunFactory(agency_cap=1)
    merge(board)
    made = [
        booking.request_place(run, post.person, by=post.person, post=post) for post in board.staff
    ]
    return [each.state for each in made], ["confirmed", "waiting", "waiting", "waiting"]


def which_colleagues_can_be_booked(board):
    merge(board)
    run = RunFactory(course=CoursePageFactory().course)
    found = client_of(board.lead).get(reverse("courses:agency_book", args=[run.pk]))
    named = [f"Of {agency}" in found.content.decode() for agency in board.agencies]
    return named, [True] * 4


def whether_a_colleague_who_moved_within_it_is_booked_already(board):
    made = BookingFactory(agency=board.first, person=board.staff[0].person)
    merge(board)
    again = PostFactory(person=made.person, agency=board.last)
    [one] = group_booking.foresee(made.run, [again], agency=board.last)
    return (one.is_booked, one.refusal), (True, "")


def which_agencies_have_all_their_places_on_the_page_of_a_date(board):
    run = RunFactory(agency_cap=4)
    for agency in board.agencies:
        BookingFactory(run=run, agency=agency)
    merge(board)
    shown = people.of_run(run)
    return (shown["at_their_cap"], shown["bars"][0][1].words), (["D"], "D 4")


def which_colleague_can_take_the_place_over(board):
    made = BookingFactory(agency=board.first, person=board.staff[0].person)
    merge(board)
    colleague = board.staff[-1].person
    found = eligibility.colleague_at(made, colleague.email)
    post = eligibility.refuse_unless_may_take_over(made.run, made, colleague)
    return (found, post), (colleague, board.staff[-1])


def whether_a_manager_who_moved_to_the_last_has_left(board):
    boss = board.staff[0].person
    made = BookingFactory(agency=board.first, state="requested", manager_email=boss.email,
                          approver_email=boss.email, approver_asked_at=timezone.now(),
                          held_until=timezone.now() + dt.timedelta(days=3))  # fmt: skip
    merge(board)
    board.staff[0].ends_on = timezone.localdate() - dt.timedelta(days=1)
    board.staff[0].save()
    alone = list(due_to_pass_on())
    PostFactory(person=boss, agency=board.last)
    return (alone, list(due_to_pass_on())), ([made], [])


def who_decides_about_a_request(board):
    made = BookingFactory(agency=board.first, person=board.staff[0].person, state="requested")
    merge(board)
    return approvers.who_decides(made), [approvers.Approver(board.lead.email, approvers.LEAD)]


def whose_manager_counts(board):
    boss = board.staff[-1].person
    made = BookingFactory(agency=board.first, person=board.staff[0].person, state="requested",
                          manager_email=boss.email)  # fmt: skip
    merge(board)
    return approvers.who_decides(made), [approvers.Approver(boss.email, approvers.MANAGER)]


def whose_manager_counts_by_the_domain_of_the_last(board):
    DomainFactory(agency=board.last, name="last.example.org")
    boss = PersonFactory(email="boss@last.example.org")
    post = board.staff[0]
    post.line_manager_email = boss.email
    made = BookingFactory(agency=board.first, person=post.person, state="requested",
                          manager_email=boss.email)  # fmt: skip
    merge(board)
    counts = approvers.managers_address(made)
    return (counts, joining.known_manager(post, anybody=False)), (boss.email, boss)


def under_which_name_attendance_is_counted(board):
    run = RunFactory(starts_at=timezone.now() - dt.timedelta(days=9), closed_at=timezone.now())
    for agency in board.agencies:
        MarkFactory(booking__run=run, booking__agency=agency)
    merge(board)
    today = timezone.localdate()
    asked = attendance.Question(today - dt.timedelta(days=30), today)
    figures = attendance.attendance(asked)
    return figures.agencies, [attendance.Attendance("D", runs=1, booked=4, attended=4)]


def under_which_name_people_trained_on_an_older_edition_are_counted(board):
    page = ProtocolPageFactory()
    course = CourseFactory()
    course.protocols_taught.add(page)
    for agency in board.agencies:
        CompletionFactory(booking__agency=agency, booking__run__course=course)
    issue_another(page)
    merge(board)
    drift = protocol_drift.drift_of(page)
    return drift.people, [("D", 4)]


def under_which_name_the_days_that_trainers_gave_are_counted(board):
    run = RunFactory(starts_at=timezone.now() - dt.timedelta(days=9))
    run.trainers.set([post.person for post in board.staff])
    merge(board)
    today = timezone.localdate()
    lines = days_given.by_agency_and_trainer(
        attendance.Question(today - dt.timedelta(days=30), today)
    )
    return {line.agency for line in lines}, {"D"}


def who_answers_for_a_cascade(board):
    sent = DisseminationFactory(agency=board.first)
    merge(board)
    found = (list(Dissemination.objects.answered_by(board.lead)), notices.who_sees_to([sent]))
    return found, ([sent], {sent.pk: [board.lead]})


def who_answers_for_the_children_of_the_first(board):
    child = AgencyFactory(parent=board.first)
    sent = DisseminationFactory(agency=child)
    merge(board)
    found = (list(Dissemination.objects.answered_by(board.lead)), notices.who_sees_to([sent]))
    return found, ([sent], {sent.pk: [board.lead]})


def whether_a_named_contact_still_answers(board):
    contact = board.staff[-1].person
    sent = DisseminationFactory(agency=board.first, contact=contact)
    merge(board)
    found = (list(Dissemination.objects.answered_by(contact)), notices.who_sees_to([sent]))
    return found, ([sent], {sent.pk: [contact]})


def whether_a_newer_edition_replaces_what_the_first_was_sent(board):
    sent = DisseminationFactory(agency=board.first)
    newer = issue_another(sent.edition.page)
    merge(board)
    DisseminationFactory(agency=board.last, edition=newer)
    return Dissemination.objects.with_end().get(pk=sent.pk).ended, "replaced"


def for_whom_a_receipt_may_be_given_too(board):
    edition = ProtocolPageFactory().edition_in_force
    sent = [DisseminationFactory(agency=agency, edition=edition) for agency in board.agencies]
    merge(board)
    return list(views.others_of(board.lead, sent[-1])), sent[:-1]


def of_which_agency_a_receipt_is(board):
    sent = DisseminationFactory(agency=board.first)
    merge(board)
    account = dissemination.Account(cascaded_on=timezone.localdate(), how=["meeting"])
    receipt = dissemination.confirm(sent, account, by=board.lead)
    return receipt.dissemination.agency, board.first


def which_staff_a_cascade_is_mailed_to(board):
    sent = DisseminationFactory(agency=board.first)
    merge(board)
    return (dissemination.mail_to_staff(sent, by=board.lead), views.staff_of(sent).count()), (5, 5)


def what_a_page_says_it_is_part_of(board):
    DisseminationFactory(agency=board.first)
    merge(board)
    page = client_of(board.lead).get(reverse("protocols:agency_protocols"))
    return "A (now part of D)" in page.content.decode(), True


def who_is_asked_about_a_draft(board):
    asked = ApprovalFactory(agency=board.first)
    merge(board)
    found = (approval.who_answers(asked), list(Approval.objects.to_answer(board.lead)))
    return found, ([board.lead], [asked])


def whether_a_person_named_beside_the_first_is_asked_about_a_draft(board):
    named = board.staff[-1].person
    asked = ApprovalFactory(agency=board.first, person=named)
    merge(board)
    seen = [list(Approval.objects.to_answer(each)) for each in (named, board.lead)]
    return (approval.who_answers(asked), seen), ([named], [[asked], []])


def who_is_told_that_a_protocol_is_due_for_review(board):
    edition = ProtocolPageFactory(owners=[board.first]).edition_in_force
    merge(board)
    return reviews.owners_of(edition), [board.lead]


def which_name_a_certificate_keeps(board):
    before = CompletionFactory(booking__agency=board.first)
    merge(board)
    certificate = awarding.award_certificate(before, by="TEST")
    return Certificate.objects.get(pk=certificate.pk).agency, "A"


QUESTIONS = [
    who_leads_it,
    which_agencies_somebody_leads,
    who_led_a_part_leads_no_more_than_that,
    whose_staff_a_lead_may_see,
    which_jobs_a_lead_may_see,
    which_bookings_a_lead_may_see,
    which_charges_a_lead_may_see_and_of_which_agency_they_are,
    which_acknowledgements_a_lead_may_see,
    whom_a_lead_may_confirm,
    who_is_asked_to_confirm_a_job,
    which_agency_to_join_instead,
    which_agency_is_proposed_for_an_address_of_the_first,
    how_many_staff_a_lead_is_asked_to_check,
    who_has_taken_the_places_of_an_agency,
    who_waits_when_the_agency_has_its_places,
    which_colleagues_can_be_booked,
    whether_a_colleague_who_moved_within_it_is_booked_already,
    which_agencies_have_all_their_places_on_the_page_of_a_date,
    which_colleague_can_take_the_place_over,
    whether_a_manager_who_moved_to_the_last_has_left,
    who_decides_about_a_request,
    whose_manager_counts,
    whose_manager_counts_by_the_domain_of_the_last,
    under_which_name_attendance_is_counted,
    under_which_name_people_trained_on_an_older_edition_are_counted,
    under_which_name_the_days_that_trainers_gave_are_counted,
    who_answers_for_a_cascade,
    who_answers_for_the_children_of_the_first,
    whether_a_named_contact_still_answers,
    whether_a_newer_edition_replaces_what_the_first_was_sent,
    for_whom_a_receipt_may_be_given_too,
    of_which_agency_a_receipt_is,
    which_staff_a_cascade_is_mailed_to,
    what_a_page_says_it_is_part_of,
    who_is_asked_about_a_draft,
    whether_a_person_named_beside_the_first_is_asked_about_a_draft,
    who_is_told_that_a_protocol_is_due_for_review,
    which_name_a_certificate_keeps,
]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.__name__)
def test_after_three_mergers(question, board):
    found, expected = question(board)
    assert found == expected


def test_who_waits_from_merged_agencies_costs_no_query_each(board, django_assert_num_queries):
    run = RunFactory(agency_cap=9)
    for agency in board.agencies * 3:
        BookingFactory(run=run, agency=agency, state="waiting")
    merge(board)
    with django_assert_num_queries(4):
        assert len(waiting_list.next_in_turn(run)) == 9


def test_an_agency_merged_long_ago_is_edited_though_it_was_merged_on(client, office, board):
    merge(board)
    fields = {"name": "Alpha", "sector": board.first.sector_id, "merged_on": "2026-04-01",
              "merged_into": board.agencies[1].pk, "domains-TOTAL_FORMS": 0,
              "domains-INITIAL_FORMS": 0}  # fmt: skip
    client.post(f"/cms/agency/edit/{board.first.pk}/", fields)
    board.first.refresh_from_db()
    assert (board.first.name, board.first.today) == ("Alpha", board.last)


def merged_at_once(one, two, *, refuse):
    """Merge two agencies into each other at once; return the exceptions raised."""
    pairs = [(one, two), (two, one)]

    def do(number):
        agency, into = pairs[number]
        with transaction.atomic():
            agency.merged_into, agency.merged_on = into, timezone.localdate()
            refuse(agency, into)
            agency.save(update_fields=["merged_into", "merged_on"])

    return [type(each) for each in at_once(2, do) if each]


@pytest.mark.race
@pytest.mark.parametrize("takes_the_lock", [True, False], ids=["locked", "control"])
def test_two_agencies_merged_into_each_other_at_once_make_no_cycle(own_database, takes_the_lock):
    refuse = mergers.lock_and_refuse if takes_the_lock else lambda agency, into: None
    raised = merged_at_once(AgencyFactory(), AgencyFactory(), refuse=refuse)
    assert raised == ([mergers.MergerRefused] if takes_the_lock else [])
    assert Agency.objects.current().count() == (1 if takes_the_lock else 0)


def test_a_merger_made_meanwhile_is_refused_beside_its_field(client, office, monkeypatch):
    agency, into = AgencyFactory(), AgencyFactory(name="Solent Trust")
    checked = mergers.lock_and_refuse

    def meanwhile(*both):
        Agency.objects.filter(pk=into.pk).update(merged_into=agency)
        checked(*both)

    monkeypatch.setattr(mergers, "lock_and_refuse", meanwhile)
    fields = {"name": agency.name, "sector": agency.sector_id, "merged_on": "2026-04-01",
              "merged_into": into.pk, "domains-TOTAL_FORMS": 0,
              "domains-INITIAL_FORMS": 0}  # fmt: skip
    page = client.post(f"/cms/agency/edit/{agency.pk}/", fields).content.decode()
    assert "Solent Trust is itself merged into another" in page
    agency.refresh_from_db()
    assert agency.merged_into is None


def test_a_cycle_of_mergers_ends(board):
    Agency.objects.filter(pk=board.last.pk).update(merged_into=board.first)
    merge(board)
    among = Agency.objects.filter(pk=board.first.pk)
    assert set(among.with_merged()) == set(board.agencies)
    assert mergers.lineages().today(board.first.pk) == board.first.pk
    [(pk, name)] = among.values_list(mergers.today("pk"), mergers.name_today("pk"))
    assert name == "A"
    assert (pk, Agency.objects.get(pk=board.first.pk).today) == (board.first.pk, board.first)
