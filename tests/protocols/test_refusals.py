"""Tests that refusals not covered elsewhere say what to do next."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from agencies.access import PROTOCOL_EDITORS
from protocols.back_office import indicators_import
from protocols.cascade import dissemination, reminders
from protocols.cascade.dissemination import Account, CascadeRefused
from protocols.drafts import copies
from protocols.editions import editions
from protocols.readers import alerts
from tests.factories import (
    AgencyFactory,
    AssessmentDomainFactory,
    DisseminationFactory,
    PersonFactory,
    ProtocolPageFactory,
    TierFactory,
    TopicFactory,
)
from tests.protocols.test_alerts import last_mail, link_in, revise
from tests.protocols.test_editions import document, with_document

pytestmark = pytest.mark.django_db


def test_who_has_confirmed_is_not_reminded():
    sent, by = DisseminationFactory(), PersonFactory()
    dissemination.confirm(sent, Account(timezone.localdate(), ["mail"]), by=by)
    with pytest.raises(CascadeRefused, match="has confirmed it: nobody need be reminded"):
        reminders.remind(sent, by=by)


def test_what_is_counted_in_another_confirmation_is_corrected_there():
    trust, said, by = (
        AgencyFactory(),
        Account(timezone.localdate(), ["mail"], 4, 5),
        PersonFactory(),
    )
    own = DisseminationFactory(agency=trust)
    its = DisseminationFactory(edition=own.edition, agency__parent=trust)
    dissemination.confirm(own, said, by=by, also_for=[its])
    with pytest.raises(CascadeRefused, match="Correct that one instead"):
        dissemination.correct(its.receipt, said, by=by)


def test_a_sheet_that_is_too_much_at_once_is_brought_in_parts(client, settings, monkeypatch):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    client.force_login(PersonFactory(is_staff=True, groups=[PROTOCOL_EDITORS]))
    TierFactory(name="Universal"), AssessmentDomainFactory(name="Family")
    monkeypatch.setattr(indicators_import, "MOST_SIGNED", 20)
    sheet = b"Tier,Domain,Indicator\nUniversal,Family,Is often hungry\n"
    brought = {"file": SimpleUploadedFile("indicators.csv", sheet)}
    answer = client.post("/cms/indicator/bring-in/", brought)
    assert "Bring it in parts." in answer.content.decode()


def test_only_what_is_in_force_is_withdrawn():
    page = ProtocolPageFactory()
    first = page.edition_in_force
    revise(page)
    with pytest.raises(editions.EditionRefused, match="withdraw the one that is"):
        editions.withdraw(first, reason="It was wrong.", by="TEST")


def test_a_topic_with_topics_of_its_own_stays_where_it_is():
    broad = TopicFactory(name="Neglect")
    TopicFactory(parent=broad)
    broad.parent = TopicFactory(name="Harm")
    with pytest.raises(ValidationError, match="Move those first"):
        broad.clean()


def test_yes_to_a_mail_that_is_not_asked_for_any_more():
    wanted = alerts.subscribe("jo@example.org", page=ProtocolPageFactory())
    link = link_in(last_mail("alerts_confirm"))
    wanted.delete()
    answer = Client().post(link)
    assert "Ask for it again on the protocol’s page." in answer.content.decode()


def test_a_file_that_is_not_what_was_kept_is_not_served():
    page = ProtocolPageFactory(body=with_document(document()))
    kept = page.edition_in_force.files.get()
    kept.sha256 = "0" * 64
    with pytest.raises(ValueError, match="is not what was kept"):
        copies.read(kept)
