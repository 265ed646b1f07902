"""Tests of the board's cascade pages and figures."""

import datetime as dt

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agencies.access import BOARD_MEMBERS, PROTOCOL_EDITORS, TRAINING_ADMINISTRATORS
from agencies.models import Agency
from lms.models import Mail
from protocols.cascade import dissemination
from protocols.cascade.dissemination import Account
from protocols.cascade.figures import Figures, figures_of, figures_of_all
from protocols.models import Dissemination
from tests.factories import (
    AgencyFactory,
    DisseminationFactory,
    PersonFactory,
    PostFactory,
    ProtocolPageFactory,
)

pytestmark = pytest.mark.django_db
BOARD = "/cms/cascade/"


def enters(client, settings, group):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    person = PersonFactory(is_staff=True, groups=[group])
    client.force_login(person)
    return person


@pytest.fixture
def editor(client, settings):
    return enters(client, settings, PROTOCOL_EDITORS)


def day(days):
    return timezone.localdate() + dt.timedelta(days=days)


def confirmed(edition, *, reached=None, of=None, **more):
    sent = DisseminationFactory(edition=edition, **more)
    said = Account(day(0), ["mail"], reached, of)
    return dissemination.confirm(sent, said, by=PersonFactory())


def words(response):
    page = BeautifulSoup(response.content, "html.parser")
    return " ".join(page.get_text(" ").split())


def cells(response):
    page = BeautifulSoup(response.content, "html.parser")
    rows = page.find("table", class_="office-table").tbody.find_all("tr")
    return {
        " ".join(row.th.get_text(" ").split()): [
            " ".join(cell.get_text(" ").split()) for cell in row.find_all("td")
        ]
        for row in rows
    }


def led(**agency):
    """Make an agency that has a lead to ask."""
    return PostFactory(agency=AgencyFactory(**agency), is_lead=True).agency


def test_figures_count_what_is_known_and_nothing_else():
    edition = ProtocolPageFactory().edition_in_force
    confirmed(edition, reached=40, of=60)
    confirmed(edition, reached=9, of=10)
    confirmed(edition, reached=7)
    whole = confirmed(edition)
    whole.counted_in = confirmed(edition, reached=1, of=1)
    whole.save()
    DisseminationFactory(edition=edition, agency=led())
    DisseminationFactory(edition=edition, agency=led(), deadline_on=day(-1))
    DisseminationFactory(edition=edition)
    DisseminationFactory(edition=edition, deadline_on=day(-1))
    DisseminationFactory(
        edition=edition, deadline_on=day(-1), stopped_at=timezone.now(), stopped_reason="Closed"
    )
    confirmed(ProtocolPageFactory().edition_in_force, reached=1000, of=1000)
    found = figures_of([edition])[edition.pk]
    assert figures_of_all(edition.disseminations.select_related("receipt")) == found
    assert found == Figures(
        sent=8, nobody=2, confirmed=5, overdue=1, stopped=1, counted=3, reached=50, of=71, within=1
    )
    assert (found.waiting, found.not_counted) == (1, 1)


def test_what_nobody_counted_is_unknown_and_not_nothing(client, editor):
    edition = ProtocolPageFactory().edition_in_force
    confirmed(edition, agency=AgencyFactory(name="Surgery"))
    page = client.get(BOARD)
    assert "Confirmed: 1 of 1 agency" in words(page) and "Reached: unknown" in words(page)
    assert cells(page)["Surgery"] == ["Confirmed reach not known"]
    assert "0 of 0" not in words(page) and "%" not in words(page)


def test_agencies_by_editions(client, editor):
    first = ProtocolPageFactory(title="Early Help").edition_in_force
    second = ProtocolPageFactory(title="Supervision").edition_in_force
    trust, surgery = led(name="Trust"), led(name="Surgery")
    confirmed(first, agency=trust, reached=40, of=60)
    DisseminationFactory(edition=second, agency=trust, deadline_on=dt.date(2026, 5, 1))
    DisseminationFactory(edition=first, agency=surgery, deadline_on=dt.date(2099, 5, 1))
    page = client.get(BOARD)
    assert cells(page)["Trust"] == ["Overdue since 1 May 2026", "Confirmed 40 of 60 who need it"]
    assert cells(page)["Surgery"] == ["Not sent", "Sent to be confirmed by 1 May 2099"]
    assert "Reached: 40 of 60 people who need it, in the 1 agency that counted" in words(page)
    only = client.get(BOARD, {"protocol": first.page_id, "agency": "surg"})
    assert cells(only) == {"Surgery": ["Sent to be confirmed by 1 May 2099"]}


def test_an_agency_that_was_merged_stays_with_what_it_had(client, editor):
    edition = ProtocolPageFactory().edition_in_force
    new = AgencyFactory(name="Harbour Group")
    old = AgencyFactory(name="Old Practice")
    confirmed(edition, agency=old, reached=3, of=4)
    AgencyFactory(name="Never Asked", merged_into=new)
    old.merged_into = new
    old.save()
    found = cells(client.get(BOARD))
    assert found["Old Practice now part of Harbour Group"] == ["Confirmed 3 of 4 who need it"]
    assert "Harbour Group" in found and not any("Never" in name for name in found)
    page = words(client.get(reverse("cascade_of_edition", args=[edition.pk])))
    assert "Old Practice now part of Harbour Group" in page


def test_an_editor_sends_from_the_page_of_the_protocol(client, editor):
    page = ProtocolPageFactory()
    edition, lead = page.edition_in_force, PostFactory(is_lead=True)
    address = reverse("cascade_send", args=[edition.pk])
    assert (
        address in client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    )
    assert lead.person.name in words(client.get(address))
    given = {"message": "Please.", "deadline": day(20).isoformat(), "to": "all"}
    answer = client.post(address, given)
    assert answer.url == reverse("cascade_of_edition", args=[edition.pk])
    assert Dissemination.objects.count() == 2  # the owner has no lead
    assert Mail.objects.get().to == lead.person.email
    result = words(client.get(answer.url))
    assert "Emailed 1 person for 1 agency. 1 agency has nobody to ask: name somebody." in result
    assert "1 agency; 1 has nobody to ask" in result and "Asked: nobody" in result


def test_an_agency_with_nobody_to_ask_is_never_sent_and_never_overdue(client, editor):
    edition = ProtocolPageFactory().edition_in_force
    late = DisseminationFactory(edition=edition, deadline_on=day(-3))
    in_time = DisseminationFactory(edition=edition)
    for address in (BOARD, reverse("cascade_of_edition", args=[edition.pk])):
        page = words(client.get(address))
        assert "Overdue" not in page and "2 have nobody to ask" in page
    assert [cells(client.get(BOARD))[str(one.agency)] for one in (late, in_time)] == [
        ["Nobody to ask"], ["Nobody to ask"],
    ]  # fmt: skip
    assert figures_of([edition])[edition.pk] == Figures(nobody=2)


def test_somebody_is_named_for_an_agency_that_has_nobody_and_is_emailed_once(client, editor):
    sent = DisseminationFactory()
    name = reverse("cascade_name", args=[sent.pk])
    assert (
        name in client.get(reverse("cascade_of_edition", args=[sent.edition_id])).content.decode()
    )
    refused = words(client.post(name, {"email": PostFactory().person.email}))
    assert f"Nobody with this address works at {sent.agency}" in refused
    assert not Mail.objects.exists()
    nurse = PostFactory(agency=sent.agency).person
    for _ in range(2):
        client.post(name, {"email": nurse.email})
    assert Mail.objects.get().to == nurse.email
    assert "Sent to be confirmed by" in cells(client.get(BOARD))[str(sent.agency)][0]


def test_what_everybody_has_is_not_sent_again(client, editor):
    edition = DisseminationFactory().edition
    for agency in Agency.objects.exclude(disseminations__edition=edition):
        DisseminationFactory(edition=edition, agency=agency)
    answer = client.get(reverse("cascade_send", args=[edition.pk]))
    assert f"Every agency has {edition} already. Go back" in words(answer)
    assert b"<textarea" not in answer.content


def test_it_is_sent_to_those_ticked_and_to_whom_is_named(client, editor):
    edition = ProtocolPageFactory().edition_in_force
    one, two = AgencyFactory(), AgencyFactory()
    nurse, stranger = PostFactory(agency=one).person, PostFactory().person
    address = reverse("cascade_send", args=[edition.pk])
    given = {"deadline": day(20).isoformat(), "to": "some", f"contact-{one.pk}": stranger.email}
    assert "Tick at least one" in words(client.post(address, given))
    given["agencies"] = [one.pk]
    assert "Nobody with this address works there" in words(client.post(address, given))
    assert not Dissemination.objects.exists()
    client.post(address, given | {f"contact-{one.pk}": nurse.email, f"contact-{two.pk}": "x@y.z"})
    sent = Dissemination.objects.get()
    assert (sent.agency, sent.contact) == (one, nurse)


def test_a_deadline_in_the_past_is_refused_on_the_page(client, editor):
    edition = ProtocolPageFactory().edition_in_force
    address = reverse("cascade_send", args=[edition.pk])
    given = {"deadline": day(-1).isoformat(), "to": "all"}
    assert "still to come" in words(client.post(address, given))
    assert not Dissemination.objects.exists()


def test_the_board_reminds_and_stops(client, editor):
    sent = DisseminationFactory(agency=PostFactory(is_lead=True).agency, deadline_on=day(-3))
    client.post(reverse("cascade_remind", args=[sent.pk]))
    assert Mail.objects.get().template == "protocol_chased"
    stop = reverse("cascade_stop", args=[sent.pk])
    assert "This field is required" in words(client.post(stop, {"reason": ""}))
    client.post(stop, {"reason": "They have closed."})
    sent.refresh_from_db()
    assert sent.stopped_reason == "They have closed."
    assert "Not asked any more They have closed." in words(client.get(BOARD))


@pytest.mark.parametrize("group", [TRAINING_ADMINISTRATORS, BOARD_MEMBERS])
def test_who_does_not_keep_protocols_reads_and_changes_nothing(client, settings, group):
    enters(client, settings, group)
    sent = DisseminationFactory(deadline_on=day(-3))
    edition = reverse("cascade_of_edition", args=[sent.edition_id])
    assert client.get(BOARD).status_code == client.get(edition).status_code == 200
    for name, pk in (("send", sent.edition_id), ("stop", sent.pk), ("remind", sent.pk)):
        address = reverse(f"cascade_{name}", args=[pk])
        assert address not in client.get(edition).content.decode()
        assert client.get(address).status_code == client.post(address).status_code == 302
    assert Dissemination.objects.get().stopped_at is None and not Mail.objects.exists()


def test_as_many_queries_for_three_of_each_as_for_one(client, editor):
    def queries(address):
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    edition = ProtocolPageFactory().edition_in_force
    confirmed(edition)
    sent = DisseminationFactory(edition=edition)
    sent.contact = PostFactory(agency=sent.agency).person
    sent.save()
    addresses = [BOARD, reverse("cascade_of_edition", args=[edition.pk])]
    few = [queries(address) for address in addresses]
    assert max(few) <= 20
    for _ in range(2):
        confirmed(ProtocolPageFactory().edition_in_force)
        confirmed(edition)
        DisseminationFactory(edition=edition, agency=PostFactory(is_lead=True).agency)
    assert [queries(address) for address in addresses] == few
