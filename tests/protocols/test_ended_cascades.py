"""Tests of cascades that are stopped, withdrawn or replaced, or whose agency changes."""

import datetime as dt

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from agencies.access import PROTOCOL_EDITORS
from history.models import Event
from lms.models import Mail
from protocols.cascade import dissemination, reminders
from protocols.cascade import figures as cascade_figures
from protocols.cascade.dissemination import Account, CascadeRefused
from protocols.cascade.views import others_of
from protocols.editions import editions
from protocols.models import Dissemination
from tests.factories import (
    APPROVED,
    AgencyFactory,
    DisseminationFactory,
    PersonFactory,
    PostFactory,
    ProtocolPageFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return PostFactory(agency__name="Surgery", is_lead=True).person


@pytest.fixture
def sent(lead):
    """Create a cascade that has been overdue for three days."""
    today = timezone.localdate()
    return DisseminationFactory(
        edition=ProtocolPageFactory(title="Unborn Baby Protocol").edition_in_force,
        agency=lead.posts.get().agency,
        sent_at=timezone.now() - dt.timedelta(days=20),
        deadline_on=today - dt.timedelta(days=3),
    )


def newer(edition):
    page = edition.page
    page.reason, page.in_force_from, page.is_major = "Again.", timezone.localdate(), True
    return editions.issue_edition(page, by="TEST", approved_by=APPROVED)


def as_it_is(sent):
    return Dissemination.objects.with_end().get(pk=sent.pk)


def figures(sent):
    found = cascade_figures.figures_of([sent.edition])[sent.edition_id]
    all_of_it = Dissemination.objects.with_end().filter(edition=sent.edition_id)
    assert cascade_figures.figures_of_all(all_of_it.select_related("receipt")) == found
    return {name: value for name, value in vars(found).items() if value and name != "sent"}


def words(response):
    return " ".join(BeautifulSoup(response.content, "html.parser").main.get_text(" ").split())


def test_what_was_stopped_goes_on_when_the_board_asks_again(client, settings, sent, lead):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    editor = PersonFactory(is_staff=True, groups=[PROTOCOL_EDITORS])
    reminders.stop_chasing(sent, reason="They are moving.", by=editor)
    assert (reminders.chase(), figures(sent)) == (0, {"stopped": 1})
    with pytest.raises(CascadeRefused, match="ask it again first"):
        reminders.remind(sent, by=editor)
    client.force_login(editor)
    shown = client.get(f"/cms/cascade/{sent.edition_id}/").content.decode()
    assert f"/cms/cascade/again/{sent.pk}/" in shown
    asking = client.get(f"/cms/cascade/again/{sent.pk}/")
    assert f"We write to {lead.name}. Why it was asked no more: They are moving." in words(asking)
    client.post(f"/cms/cascade/again/{sent.pk}/")
    assert Event.objects.about(sent).first().action == "dissemination.asked_again"
    assert (figures(sent), reminders.chase()) == ({"overdue": 1}, 1)
    assert Mail.objects.get(template="protocol_chased").to == lead.email
    assert "there is nothing to ask again" in words(client.post(f"/cms/cascade/again/{sent.pk}/"))


def test_an_agency_that_joins_later_is_sent_it_with_a_day_of_its_own(sent):
    late = AgencyFactory(name="New Surgery")
    deadline = timezone.localdate() + dt.timedelta(days=28)
    by = PersonFactory()
    chosen = [sent.agency, late]
    (new,) = dissemination.send(sent.edition, chosen, by=by, message="", deadline=deadline)
    assert (new.agency, as_it_is(sent).state, as_it_is(new).state) == (late, "overdue", "sent")


def test_agencies_hear_that_what_they_were_sent_is_withdrawn_and_owe_nothing(client, sent, lead):
    by = PersonFactory()
    other = PostFactory(is_lead=True).person
    told = DisseminationFactory(edition=sent.edition, agency=other.posts.get().agency)
    dissemination.confirm(told, Account(timezone.localdate(), ["mail"]), by=other)
    editions.withdraw(sent.edition, reason="A number in it leads nowhere.", by=by)
    letters = Mail.objects.filter(template="protocol_withdrawn")
    assert {letter.to for letter in letters} == {lead.email, other.email}
    assert "A number in it leads nowhere." in letters.first().text
    assert (as_it_is(sent).state, as_it_is(told).state) == ("withdrawn", "confirmed")
    assert figures(sent) == {"confirmed": 1, "ended": 1}
    with pytest.raises(CascadeRefused, match="it need not confirm"):
        reminders.remind(sent, by=by)
    with pytest.raises(CascadeRefused, match="do not pass this one on"):
        dissemination.mail_to_staff(sent, by=lead)
    client.force_login(lead)
    listed = words(client.get("/agency/protocols/"))
    assert "You have none to confirm." in listed
    assert "Withdrawn Surgery: nothing to pass on." in listed
    shown = words(client.get(f"/agency/protocols/{sent.pk}/"))
    assert "Do not pass it on. Tell everybody you told about it." in shown
    assert "Email my staff" not in shown and "Text to copy" not in shown
    # It may still confirm what it did before.
    dissemination.confirm(sent, Account(timezone.localdate(), ["mail"]), by=lead)
    assert as_it_is(sent).state == "confirmed"


def test_a_newer_version_that_was_sent_takes_the_place_of_the_older(client, sent, lead):
    edition = newer(sent.edition)
    assert as_it_is(sent).state == "overdue"
    DisseminationFactory(edition=edition, agency=sent.agency)
    assert (as_it_is(sent).state, figures(sent)) == ("replaced", {"ended": 1})
    client.force_login(lead)
    assert words(client.get("/agency/protocols/")).count("You have 1 to confirm.") == 1
    assert "Pass that one on" in words(client.get(f"/agency/protocols/{sent.pk}/"))
    reminders.stop_chasing(sent, reason="No need.", by=lead)
    with pytest.raises(CascadeRefused, match="has a newer version"):
        reminders.ask_again(sent, by=lead)
    assert Dissemination.objects.get(pk=sent.pk).stopped_reason == "No need."


def test_of_a_merged_agency_its_successor_answers_with_its_own_or_has_the_newer_one(sent):
    into = AgencyFactory(name="City Practice")
    lead = PostFactory(agency=into, is_lead=True).person
    sent.agency.merged_into, sent.agency.merged_on = into, timezone.localdate()
    sent.agency.save()
    own = DisseminationFactory(edition=sent.edition, agency=into)
    assert list(others_of(lead, own)) == [sent]
    DisseminationFactory(edition=newer(sent.edition), agency=into)
    assert (as_it_is(sent).state, as_it_is(own).state) == ("replaced", "replaced")
