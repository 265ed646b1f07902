"""Test that an email domain that many organisations share proves nobody's job."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from django.apps import apps
from django.db import connection

from agencies import joining, partners
from agencies.access import TRAINING_ADMINISTRATORS
from agencies.email_domains import email_domains
from agencies.models import Agency, Domain, Post, SharedDomain
from courses.rules import approvers
from history.models import Event
from tests.factories import (
    BookingFactory,
    DomainFactory,
    PersonFactory,
    PostFactory,
    SectorFactory,
)

pytestmark = pytest.mark.django_db


def words(answer):
    return " ".join(BeautifulSoup(answer.content, "lxml").get_text(" ").split())


def join(person, agency, **more):
    return joining.join(person, agency, title="Nurse", role_group=None, by=person, **more)


@pytest.fixture
def shared():
    """Return an agency that has a shared domain, which suggests it."""
    return DomainFactory(name="shared.example.net", proves_job=False).agency


@pytest.fixture
def doubtful():
    """Return a job that a domain confirmed which the office has shared since."""
    domain = DomainFactory(name="county.example.org")
    post = join(PersonFactory(name="Joy Hill", email="joy@county.example.org"), domain.agency)
    email_domains.share("@County.example.org ", by="IMPORT")
    return post


@pytest.fixture
def office(client, settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    person = PersonFactory(is_staff=True, groups=[TRAINING_ADMINISTRATORS])
    client.force_login(person)
    return person


def test_an_address_there_does_not_confirm_a_job(shared):
    post = join(PersonFactory(email="joy@shared.example.net"), shared)
    assert (post.is_waiting, post.proved_by) == (True, "")


def test_the_agency_is_suggested_without_a_promise(client, shared):
    client.force_login(PersonFactory(email="joy@shared.example.net"))
    page = client.get("/welcome/").content.decode()
    assert f'<option value="{shared.pk}" selected>' in page
    assert "at once" not in page and "Until then you can ask" in page


def test_nothing_is_chosen_where_several_are_suggested(client, shared):
    DomainFactory(name="shared.example.net", proves_job=False)
    client.force_login(PersonFactory(email="joy@shared.example.net"))
    assert " selected>Agency" not in client.get("/welcome/").content.decode()


def test_a_manager_there_does_not_count(shared):
    manager = PersonFactory(email="boss@shared.example.net")
    post = PostFactory(agency=shared, line_manager_email=manager.email)
    assert joining.known_manager(post, anybody=False) is None
    booking = BookingFactory(person=post.person, agency=shared, manager_email=manager.email)
    assert approvers.managers_address(booking) == ""
    Domain.objects.update(proves_job=True)
    assert approvers.managers_address(booking) == manager.email


@pytest.mark.parametrize("name", ["nhs.net", "gmail.com", "outlook.com", "icloud.com"])
def test_known_shared_domains_are_refused_as_proof(name):
    with pytest.raises(partners.PartnerRefused, match="many organisations"):
        partners.add("Solent", SectorFactory(), domains=[name], by="IMPORT")
    assert not Agency.objects.exists()


def test_several_agencies_can_have_one_as_a_suggestion_and_one_as_proof():
    for name in ("Solent", "Meon"):
        partners.add(name, SectorFactory(), domains=[], suggesting=["nhs.net"], by="IMPORT")
    own = partners.add("Itchen", SectorFactory(), domains=["itchen.example.org"], by="IMPORT")
    assert Domain.objects.filter(name="nhs.net").count() == 2
    for wrong in ({"domains": ["itchen.example.org"]},
                  {"domains": [], "suggesting": ["itchen.example.org"]}):  # fmt: skip
        with pytest.raises(partners.PartnerRefused, match="is the domain of Itchen"):
            partners.add("Test", SectorFactory(), by="IMPORT", **wrong)
    partners.change(own, domains=[], suggesting=["itchen.example.org"], by="IMPORT")
    assert not own.domains.get().proves_job
    event = Event.objects.about(own).filter(action="agency.changed").get()
    assert (event.was["suggesting"], event.now["suggesting"]) == ([], ["itchen.example.org"])


def test_sharing_a_domain_ends_no_job_and_lists_those_that_it_confirmed(doubtful):
    by_person = PostFactory(agency=doubtful.agency)
    assert Post.objects.get(pk=doubtful.pk).is_confirmed
    assert list(Post.objects.proved_by_shared_domain()) == [doubtful]
    assert not Domain.objects.get().proves_job
    assert join(PersonFactory(email="new@county.example.org"), doubtful.agency).is_waiting
    email_domains.share("county.example.org", by="IMPORT")
    assert Event.objects.filter(action="domain.shared").count() == 1
    with pytest.raises(joining.JoiningRefused):
        joining.vouch(doubtful, by=by_person.person)
    with pytest.raises(joining.JoiningRefused):
        joining.vouch(doubtful, by=doubtful.person)


def test_an_agency_that_enters_it_in_the_same_moment_has_no_proof_in_it(doubtful):
    Domain.objects.update(proves_job=True)
    assert join(PersonFactory(email="new@county.example.org"), doubtful.agency).is_waiting


def test_the_lead_is_shown_them_and_confirms(client, doubtful):
    lead = PostFactory(agency=doubtful.agency, is_lead=True)
    client.force_login(lead.person)
    page = words(client.get("/agency/"))
    assert "1 person to check" in page
    answer = client.post("/agency/staff/work-here/", follow=True)
    assert "Tick everybody who works here" in words(answer)
    elsewhere = PostFactory(proved_by="nhs.net")
    chosen = {"jobs": [doubtful.pk, elsewhere.pk, "nonsense"]}
    answer = client.post("/agency/staff/work-here/", chosen, follow=True)
    assert "You have confirmed that Joy Hill works here." in words(answer)
    assert "to check" not in words(answer)
    assert list(Post.objects.proved_by_shared_domain()) == [elsewhere]
    joining.vouch(doubtful, by=lead.person)
    assert Event.objects.filter(action="post.vouched", by_person=lead.person.pk).count() == 1


def test_the_office_is_shown_them_where_nobody_leads(client, office, doubtful):
    assert f"/cms/job/{doubtful.pk}/vouch/" in client.get("/cms/").content.decode()
    listed = client.get("/cms/job/?state=shared").content.decode()
    assert "Joy Hill" in listed and f"/cms/job/{doubtful.pk}/vouch/" in listed
    answer = client.post(f"/cms/job/{doubtful.pk}/vouch/")
    assert answer.status_code == 302
    listed = client.get("/cms/job/?state=shared").content.decode()
    assert f"/cms/job/{doubtful.pk}/vouch/" not in listed
    assert f"/cms/job/{doubtful.pk}/vouch/" not in client.get("/cms/").content.decode()


def test_the_office_adds_to_the_list(client, office):
    join(PersonFactory(email="joy@a.example"), DomainFactory(name="a.example").agency)
    answer = client.post("/cms/shared_domain/new/", {"name": " @A.example"}, follow=True)
    assert "It has confirmed 1 job until now" in words(answer)
    assert SharedDomain.objects.filter(name="a.example").exists()
    for wrong in ("nonsense", "a.example", ""):
        answer = client.post("/cms/shared_domain/new/", {"name": wrong})
        assert answer.status_code == 200, wrong
    assert SharedDomain.objects.filter(name__contains="a.example").count() == 1


def test_the_form_of_an_agency_says_what_to_untick(client, office):
    fields = {
        "name": "Solent", "sector": SectorFactory().pk, "domains-TOTAL_FORMS": 1,
        "domains-INITIAL_FORMS": 0, "domains-0-name": "nhs.net",
    }  # fmt: skip
    answer = client.post("/cms/agency/new/", fields | {"domains-0-proves_job": "on"})
    assert answer.status_code == 200 and "Untick" in BeautifulSoup(answer.content, "lxml").text
    answer = client.post("/cms/agency/new/", fields)
    assert answer.status_code == 302
    assert not Domain.objects.get(agency__name="Solent").proves_job


def test_the_upgrade_knows_which_jobs_a_domain_confirmed():
    domain = DomainFactory(name="county.example.org")
    by_domain = join(PersonFactory(email="joy@county.example.org"), domain.agency)
    lead = PostFactory(agency=domain.agency, is_lead=True)
    by_lead = join(PersonFactory(email="ann@example.net"), domain.agency)
    joining.confirm(by_lead, by=lead.person)
    added = joining.join(PersonFactory(email="bea@county.example.org"), domain.agency,
                         title="Nurse", role_group=None, by=lead.person)  # fmt: skip
    Post.objects.update(proved_by="")
    migration = import_module("agencies.migrations.0007_shared_domains")
    migration.know_proofs(apps, SimpleNamespace(connection=connection))
    known = dict(Post.objects.values_list("pk", "proved_by"))
    assert known[by_domain.pk] == "county.example.org"
    assert (known[by_lead.pk], known[added.pk]) == ("", "")


# As it is typed

TYPED = {
    "nhs.net.": "nhs.net",
    " @NHS.Net ": "nhs.net",
    "\uff4ehs.net": "nhs.net",  # A full-width letter.
    "bücher.example.org": "xn--bcher-kva.example.org",
    "xn--bcher-kva.example.org": "xn--bcher-kva.example.org",
}


@pytest.mark.parametrize("typed", TYPED)
def test_a_domain_is_kept_as_addresses_end_in_it(typed):
    assert email_domains.share(typed, by="IMPORT").name == TYPED[typed]


@pytest.mark.parametrize("typed", ["", ".", "a..b", ".org", "nhs", "-.-", "a b.org", "jo@nhs.net"])
def test_what_no_address_can_end_in_is_refused(typed):
    with pytest.raises(email_domains.DomainRefused):
        email_domains.tidy(typed)


def test_a_job_is_confirmed_by_a_domain_that_was_typed_with_a_last_dot(office):
    typed = {email_domains.tidy("trust.org.")}
    agency = partners.add("The Trust", SectorFactory(), domains=typed, by=office)
    assert join(PersonFactory(email="joy@trust.org"), agency).is_confirmed
