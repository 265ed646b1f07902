"""Tests that editions reach those who answer for agencies, whose answers are stored once."""

import datetime as dt

import pytest
from django.utils import timezone

from history.models import Event
from lms.models import Mail
from protocols.cascade import dissemination
from protocols.cascade.dissemination import Account, CascadeRefused
from protocols.editions import editions
from protocols.models import Dissemination, Receipt
from tests.factories import (
    APPROVED,
    AgencyFactory,
    DisseminationFactory,
    PersonFactory,
    PostFactory,
    ProtocolPageFactory,
)

pytestmark = pytest.mark.django_db


def day(days):
    return timezone.localdate() + dt.timedelta(days=days)


def account(**fields):
    said = {"cascaded_on": day(0), "how": ["meeting"], "reached": 40, "of": 60}
    return Account(**said | fields)


def send(edition, agencies=None, **more):
    more = {"by": PersonFactory(), "message": "", "deadline": day(14)} | more
    return dissemination.send(edition, agencies, **more)


def lead_of(agency, **fields):
    return PostFactory(agency=agency, is_lead=True, **fields).person


def written(kind):
    return sorted(Mail.objects.filter(template=kind).values_list("to", flat=True))


def test_an_edition_goes_to_all_current_agencies_unless_said_otherwise():
    edition = ProtocolPageFactory(owners=[ours := AgencyFactory()]).edition_in_force
    merged = AgencyFactory(merged_into=ours)
    theirs = AgencyFactory()
    by, ann, ben = PersonFactory(), lead_of(ours), lead_of(theirs)
    sent = send(edition, by=by, message="  Please do.  ")
    assert {one.agency for one in sent} == {ours, theirs}
    assert not Dissemination.objects.filter(agency=merged).exists()
    assert {(one.message, one.deadline_on, one.sent_by) for one in sent} == {
        ("Please do.", day(14), by)
    }
    assert written("protocol_sent") == sorted([ann.email, ben.email])
    event = Event.objects.about(sent[0]).get()
    assert (event.action, event.by_person) == ("dissemination.sent", by.pk)
    assert event.now == {
        "edition": edition.pk, "agency": sent[0].agency_id, "deadline": day(14).isoformat(),
    }  # fmt: skip


def test_who_leads_two_agencies_has_one_mail_that_names_both():
    edition = ProtocolPageFactory(title="Unborn Baby Protocol").edition_in_force
    trust, surgery = AgencyFactory(name="Trust"), AgencyFactory(name="Surgery")
    lead = lead_of(trust)
    PostFactory(person=lead, agency=surgery, is_lead=True)
    send(edition, [trust, surgery], message="At your next meeting, please.")
    mail = Mail.objects.get(template="protocol_sent")
    for words in ("- Trust\n- Surgery", "Unborn Baby Protocol, Version 1", "next meeting",
                  "/agency/protocols/", "The first version."):  # fmt: skip
        assert words in mail.text


def test_it_goes_to_the_contact_while_they_work_there_else_to_the_leads():
    edition = ProtocolPageFactory().edition_in_force
    one, two = AgencyFactory(), AgencyFactory()
    nurse, gone = PostFactory(agency=one).person, PostFactory(agency=two, ends_on=day(-1)).person
    lead_of(one)
    lead = lead_of(two)
    send(edition, [one, two], contacts={one.pk: nurse, two.pk: gone})
    assert written("protocol_sent") == sorted([nurse.email, lead.email])


def test_where_an_agency_has_no_lead_its_parents_is_written_to():
    trust = AgencyFactory()
    practice = AgencyFactory(parent=trust)
    lead = lead_of(trust)
    send(ProtocolPageFactory().edition_in_force, [practice])
    assert written("protocol_sent") == [lead.email]


@pytest.mark.parametrize("days", [0, -1, -400])
def test_a_deadline_that_has_passed_is_refused(days):
    edition = ProtocolPageFactory().edition_in_force
    with pytest.raises(CascadeRefused, match="still to come"):
        send(edition, [AgencyFactory()], deadline=day(days))
    assert not Dissemination.objects.exists() and not Mail.objects.exists()


def test_what_is_not_in_force_is_not_sent_nor_to_a_merged_agency_nor_to_nobody():
    page = ProtocolPageFactory()
    first, agency = page.edition_in_force, AgencyFactory()
    with pytest.raises(CascadeRefused, match="Merged into another agency: Old"):
        send(first, [AgencyFactory(name="Old", merged_into=agency)])
    with pytest.raises(CascadeRefused, match="at least one"):
        send(first, [])
    page.reason, page.in_force_from = "Again.", dt.date(2026, 5, 1)
    editions.issue_edition(page, by="TEST", approved_by=APPROVED)
    with pytest.raises(CascadeRefused, match="not in force"):
        send(first, [agency])


def test_an_agency_that_has_it_keeps_what_it_has():
    edition, old = ProtocolPageFactory().edition_in_force, AgencyFactory()
    had = DisseminationFactory(edition=edition, agency=old, deadline_on=day(3))
    (new,) = send(edition, [old, AgencyFactory()])
    had.refresh_from_db()
    assert had.deadline_on == day(3) and new.agency != old
    with pytest.raises(CascadeRefused, match="have it already"):
        send(edition, [old])


def test_a_confirmation_says_by_whom_how_when_and_to_how_many_of_how_many():
    sent, by = DisseminationFactory(), PersonFactory()
    said = account(cascaded_by="Team leader", how=["mail", "meeting"], note="Nights follow.")
    receipt = dissemination.confirm(sent, said, by=by)
    receipt.refresh_from_db()
    assert Account(**dissemination.account_of(receipt)) == said
    assert (receipt.given_by, receipt.dissemination) == (by, sent)
    assert receipt.ways == "Email to staff, Team meetings"
    event = Event.objects.about(receipt).get()
    assert (event.action, event.by_person) == ("receipt.given", by.pk)
    assert event.now == {
        "dissemination": sent.pk, "cascaded_on": day(0).isoformat(), "how": ["mail", "meeting"],
        "reached": 40, "of": 60,
    }  # fmt: skip


def test_confirmed_twice_it_is_confirmed_once():
    sent, by = DisseminationFactory(), PersonFactory(name="Ann")
    first = dissemination.confirm(sent, account(), by=by)
    assert dissemination.confirm(sent, account(), by=by) == first
    with pytest.raises(CascadeRefused, match="Ann has confirmed this already"):
        dissemination.confirm(sent, account(reached=1), by=PersonFactory())
    assert Receipt.objects.get().reached == 40
    assert Event.objects.filter(action="receipt.given").count() == 1


def test_what_is_not_known_stays_unknown():
    receipt = dissemination.confirm(
        DisseminationFactory(), account(reached=None, of=None), by=PersonFactory()
    )
    receipt.refresh_from_db()
    assert (receipt.reached, receipt.of) == (None, None)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"how": []}, "how it was passed on"),
        ({"reached": 61}, "more people than there are"),
        ({"cascaded_on": dt.date(2020, 1, 1)}, "when it was sent"),
        ({"cascaded_on": dt.date(2999, 1, 1)}, "to today"),
    ],
)
def test_what_cannot_be_is_refused(wrong, sentence):
    sent = DisseminationFactory()
    with pytest.raises(CascadeRefused, match=sentence):
        dissemination.confirm(sent, account(**wrong), by=PersonFactory())
    assert not Receipt.objects.exists()


def test_a_parent_confirms_for_its_practices_in_one_count():
    trust = AgencyFactory()
    edition = ProtocolPageFactory().edition_in_force
    own = DisseminationFactory(edition=edition, agency=trust)
    practices = [
        DisseminationFactory(edition=edition, agency=AgencyFactory(parent=trust)) for _ in range(3)
    ]
    earlier = dissemination.confirm(practices[0], account(reached=3, of=3), by=PersonFactory())
    receipt = dissemination.confirm(own, account(), by=PersonFactory(), also_for=practices)
    with_it = Receipt.objects.filter(counted_in=receipt).order_by("pk")
    assert [each.dissemination for each in with_it] == practices[1:]
    assert {(each.reached, each.of) for each in with_it} == {(None, None)}
    earlier.refresh_from_db()
    assert (earlier.reached, earlier.counted_in) == (3, None)


def test_each_version_is_confirmed_by_itself():
    with pytest.raises(CascadeRefused, match="by itself"):
        dissemination.confirm(
            DisseminationFactory(), account(), by=PersonFactory(), also_for=[DisseminationFactory()]
        )
    assert not Receipt.objects.exists()


def test_a_confirmation_is_corrected_and_history_has_what_it_was():
    receipt = dissemination.confirm(DisseminationFactory(), account(), by=PersonFactory())
    by = PersonFactory()
    dissemination.correct(receipt, account(reached=55), by=by)
    receipt.refresh_from_db()
    assert (receipt.reached, receipt.of, receipt.given_by) == (55, 60, by)
    event = Event.objects.about(receipt).first()
    assert (event.action, event.was["reached"], event.now["reached"]) == (
        "receipt.corrected", 40, 55,
    )  # fmt: skip


def test_its_staff_have_one_mail_with_the_link():
    agency = AgencyFactory(name="Surgery")
    sent = DisseminationFactory(agency=agency)
    here = [PostFactory(agency=agency).person for _ in range(2)]
    PostFactory(agency=agency, ends_on=day(-1))
    PostFactory(agency=agency, confirmed_at=None)
    PostFactory(agency=agency, person=PersonFactory(is_active=False))
    PostFactory()
    assert dissemination.mail_to_staff(sent, by=PersonFactory()) == 2
    assert written("protocol_cascaded") == sorted(person.email for person in here)
    assert sent.edition.page.path_of_page in Mail.objects.first().text
    with pytest.raises(CascadeRefused, match="already"):
        dissemination.mail_to_staff(sent, by=PersonFactory())
    assert Mail.objects.count() == 2


def test_who_sees_a_cascade():
    trust, other = AgencyFactory(), AgencyFactory()
    practice, merged = AgencyFactory(parent=trust), AgencyFactory(merged_into=trust)
    own, its, was, foreign = (
        DisseminationFactory(agency=agency) for agency in (trust, practice, merged, other)
    )
    seen = Dissemination.objects.answered_by
    assert set(seen(lead_of(trust))) == {own, its, was}
    assert set(seen(lead_of(practice))) == {its}
    assert set(seen(lead_of(other))) == {foreign}
    assert not seen(PostFactory(agency=trust).person).exists()
    foreign.contact = PostFactory(agency=other).person
    foreign.save()
    assert set(seen(foreign.contact)) == {foreign}
    foreign.contact.posts.update(ends_on=day(-1))
    assert not seen(foreign.contact).exists()


def test_when_an_agency_is_merged_its_history_stays_and_is_its_successors():
    old = AgencyFactory()
    confirmed = DisseminationFactory(agency=old)
    dissemination.confirm(confirmed, account(), by=PersonFactory())
    waiting = DisseminationFactory(agency=old)
    new = AgencyFactory()
    lead = lead_of(new)
    old.merged_into, old.merged_on = new, day(0)
    old.save()
    assert set(Dissemination.objects.answered_by(lead)) == {confirmed, waiting}
    assert Receipt.objects.get().dissemination.agency == old
    dissemination.confirm(waiting, account(), by=lead)
    assert Receipt.objects.count() == 2
