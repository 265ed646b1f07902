"""Test how the training office manages people, agencies and jobs."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import connection
from django.forms import model_to_dict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies.access import BOARD_MEMBERS, PROTOCOL_EDITORS, TRAINING_ADMINISTRATORS
from agencies.models import Agency, Board, Person, Post, Sector
from history.models import Event
from tests.factories import (
    AgencyFactory,
    DomainFactory,
    PersonFactory,
    PostFactory,
    RoleGroupFactory,
    SectorFactory,
)
from tests.sheets import read_csv, read_xlsx

pytestmark = pytest.mark.django_db
LISTS = ["/cms/users/", "/cms/agency/", "/cms/job/", "/cms/sector/", "/cms/rolegroup/"]


@pytest.fixture
def office(client, settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    person = PersonFactory(name="Ola Office", is_staff=True, groups=[TRAINING_ADMINISTRATORS])
    client.force_login(person)
    return person


def person_fields(**more):
    fields = {"name": "Anna", "email": "anna@example.org", "telephone": "", "is_active": "on"}
    return fields | more


def agency_fields(**more):
    domains = {"domains-TOTAL_FORMS": 0, "domains-INITIAL_FORMS": 0}
    return {"name": "Solent Trust", "sector": SectorFactory().pk} | domains | more


@pytest.mark.parametrize("page", LISTS)
def test_lists_open_search_and_export(client, office, page):
    PostFactory(person__name="Anna Found", agency__name="Agency Found", title="Found")
    for query in ("", "?q=found", "results/?q=found"):
        assert client.get(page + query).status_code == 200, query
    for kind in ("csv", "xlsx"):
        assert client.get(f"{page}?export={kind}").status_code == 200


@pytest.mark.parametrize("page", ["/cms/users/", "/cms/agency/", "/cms/job/"])
def test_the_same_number_of_queries_with_one_row_and_three(client, office, page):
    def row():
        agency = AgencyFactory(parent=AgencyFactory(), merged_into=AgencyFactory())
        PostFactory(agency=agency, confirmed_at=None)

    counts = []
    row()
    client.get(page)
    for address in (page, page + "?export=csv"):
        with CaptureQueriesContext(connection) as one:
            b"".join(client.get(address))
        counts.append(len(one))
    row()
    row()
    for address, count in zip((page, page + "?export=csv"), counts, strict=True):
        with CaptureQueriesContext(connection) as three:
            b"".join(client.get(address))
        assert len(three) == count


@pytest.mark.parametrize("group", [BOARD_MEMBERS, PROTOCOL_EDITORS])
def test_only_the_training_office_keeps_people_and_agencies(client, settings, group):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    post = PostFactory(person__name="Anna Secret", confirmed_at=None)
    client.force_login(PersonFactory(is_staff=True, groups=[group]))
    pages = [*LISTS, f"/cms/users/edit/{post.person_id}/", f"/cms/job/{post.pk}/confirm/"]
    for page in pages:
        answer = client.get(page, follow=True)
        assert "Anna Secret" not in answer.content.decode(), page
        assert client.get(page).status_code in {302, 404}, page
    client.post(f"/cms/job/{post.pk}/confirm/")
    post.refresh_from_db()
    assert post.is_waiting


def test_spreadsheets_have_our_own_time_and_calculate_nothing(client, office):
    Person.objects.filter(pk=office.pk).update(
        name='=HYPERLINK("evil")',
        joined_at=timezone.datetime(2026, 7, 1, 8, 30, tzinfo=timezone.get_fixed_timezone(0)),
    )
    rows = read_csv(client.get("/cms/users/?export=csv")).by_heading()
    assert rows[0]["Name"] == '\'=HYPERLINK("evil")'
    assert rows[0]["Joined at"].startswith("2026-07-01 09:30")
    [row] = read_xlsx(client.get("/cms/users/?export=xlsx")).rows
    assert row[0] == '\'=HYPERLINK("evil")'
    assert row[5].isoformat() == "2026-07-01T09:30:00"


def test_jobs_are_filtered_by_state_and_agency(client, office):
    current = PostFactory(person__name="Cora Current")
    PostFactory(person__name="Wim Waiting", confirmed_at=None)
    waiting = client.get("/cms/job/?state=waiting").content.decode()
    assert ("Wim Waiting" in waiting, "Cora Current" in waiting) == (True, False)
    here = client.get(f"/cms/job/?agency={current.agency_id}").content.decode()
    assert ("Wim Waiting" in here, "Cora Current" in here) == (False, True)


def test_a_job_from_a_later_day_is_shown_with_its_day_not_as_just_now(client, office):
    PostFactory(starts_on="2031-03-05")
    page = client.get("/cms/job/").content.decode()
    assert "5 March 2031" in page and "ust now" not in page


# People


def test_a_person_is_added_without_a_password(client, office):
    client.post("/cms/users/new/", person_fields(email="Anna@Example.org"))
    person = Person.objects.get(email="anna@example.org")
    assert not person.has_usable_password() and not person.is_staff
    address = EmailAddress.objects.get(user=person)
    assert (address.email, address.primary, address.verified) == (person.email, True, False)
    assert Event.objects.about(person).get().action == "person.added"


def test_a_changed_address_is_where_codes_go_and_is_not_yet_proven(client, office):
    person = PersonFactory()
    client.post(f"/cms/users/edit/{person.pk}/", person_fields(email="new@example.org"))
    person.refresh_from_db()
    assert person.email == "new@example.org"
    assert list(person.emailaddress_set.order_by("pk").values_list("primary", "verified")) == [
        (False, True),
        (True, False),
    ]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"email": "taken@example.org"}, "Somebody else already has this address."),
        ({"email": "TAKEN@example.org"}, "Somebody else already has this address."),
        ({"email": "nothing"}, "Enter a valid email address."),
        ({"name": "<i>x</i>"}, "without symbols"),
    ],
)
def test_bad_input_gets_a_sentence_and_changes_nothing(client, office, wrong, sentence):
    PersonFactory(email="taken@example.org")
    person = PersonFactory(name="Before")
    answer = client.post(f"/cms/users/edit/{person.pk}/", person_fields(**wrong))
    assert sentence in answer.content.decode()
    person.refresh_from_db()
    assert person.name == "Before"


def test_a_role_is_given_with_working_for_the_board_and_recorded(client, office):
    person, group = PersonFactory(), Group.objects.get(name=BOARD_MEMBERS)
    page = f"/cms/users/edit/{person.pk}/"
    answer = client.post(page, person_fields(groups=[group.pk]))
    assert "Only who works for the board" in answer.content.decode()
    client.post(page, person_fields(email=person.email, groups=[group.pk], is_staff="on"))
    event = Event.objects.about(person).get()
    assert (event.by_person, event.was["groups"], event.now["groups"]) == (
        office.pk,
        [],
        [group.pk],
    )


def test_nobody_raises_themself_or_makes_a_superuser(client, office):
    everything = person_fields(
        is_superuser="on", is_staff="on", groups=[Group.objects.get(name=BOARD_MEMBERS).pk]
    )
    client.post(f"/cms/users/edit/{office.pk}/", everything | {"email": office.email})
    other = PersonFactory()
    client.post(f"/cms/users/edit/{other.pk}/", everything)
    office.refresh_from_db()
    other.refresh_from_db()
    assert not office.is_superuser and not other.is_superuser
    assert [group.name for group in office.groups.all()] == [TRAINING_ADMINISTRATORS]


def test_the_office_does_not_touch_a_superuser(client, office):
    root = PersonFactory(is_superuser=True, is_staff=True, name="Root")
    client.post(f"/cms/users/edit/{root.pk}/", person_fields())
    root.refresh_from_db()
    assert (root.name, root.is_active) == ("Root", True)


@pytest.mark.parametrize("is_superuser", [False, True])
def test_nobody_is_ever_deleted(client, office, is_superuser):
    Person.objects.filter(pk=office.pk).update(is_superuser=is_superuser)
    post = PostFactory()
    for page in (
        f"/cms/users/delete/{post.person_id}/",
        f"/cms/job/delete/{post.pk}/",
        f"/cms/agency/delete/{post.agency_id}/",
        f"/cms/bulk/agencies/person/delete/?id={PersonFactory().pk}",
        f"/cms/bulk/agencies/person/set_active_state/?id={post.person_id}",
    ):
        client.post(page, {"mark_as_active": ""})
    assert (Person.objects.count(), Post.objects.count(), Agency.objects.count()) == (3, 1, 1)
    assert not Person.objects.filter(is_active=False).exists()


# Agencies


def test_an_agency_is_added_with_its_domains_and_recorded(client, office):
    fields = agency_fields(**{"domains-TOTAL_FORMS": 1, "domains-0-name": "@Solent.example.org"})
    client.post("/cms/agency/new/", fields)
    agency = Agency.objects.get()
    assert [domain.name for domain in agency.domains.all()] == ["solent.example.org"]
    assert Event.objects.about(agency).get().action == "agency.added"


def test_a_domain_belongs_to_one_agency_and_looks_like_one(client, office):
    DomainFactory(name="taken.example.org")
    for name, sentence in (
        ("taken.example.org", "already the domain of another"),
        ("nonsense", "such as"),
    ):
        fields = agency_fields(**{"domains-TOTAL_FORMS": 1, "domains-0-name": name})
        fields["domains-0-proves_job"] = "on"
        assert sentence in client.post("/cms/agency/new/", fields).content.decode()
    assert Agency.objects.count() == 1


def test_an_agency_is_merged_with_its_day_but_never_in_a_circle(client, office):
    agency, other = AgencyFactory(name="Solent Trust"), AgencyFactory()
    page = f"/cms/agency/edit/{agency.pk}/"
    for wrong, sentence in (
        ({"merged_into": other.pk}, "Give both"),
        ({"merged_into": agency.pk, "merged_on": "2026-04-01"}, "into itself"),
        (
            {"merged_into": AgencyFactory(merged_into=other).pk, "merged_on": "2026-04-01"},
            "itself merged",
        ),
        ({"parent": AgencyFactory(parent=agency).pk}, "already belongs"),
    ):
        assert sentence in client.post(page, agency_fields(**wrong)).content.decode()
    client.post(page, agency_fields(merged_into=other.pk, merged_on="2026-04-01"))
    agency.refresh_from_db()
    assert agency.merged_into == other
    assert Event.objects.about(agency).get().now["merged_into"] == other.pk


def test_sectors_and_professions_are_local_words(client, office):
    client.post("/cms/sector/new/", {"name": "Faith groups", "position": 3})
    assert Sector.objects.get().name == "Faith groups"


# Jobs


def test_the_office_adds_a_confirmed_job_for_somebody_with_an_account(client, office):
    person, agency, group = PersonFactory(), AgencyFactory(), RoleGroupFactory()
    fields = {
        "email": person.email.upper(),
        "agency": agency.pk,
        "title": "Midwife",
        "role_group": group.pk,
        "line_manager_email": "",
        "starts_on": "2026-01-05",
    }
    nobody = client.post("/cms/job/new/", fields | {"email": "nobody@example.org"})
    assert "Nobody has this address" in nobody.content.decode()
    own = client.post("/cms/job/new/", fields | {"line_manager_email": person.email})
    assert "not your own" in own.content.decode()
    client.post("/cms/job/new/", fields)
    post = person.posts.get()
    assert (post.agency, post.title, post.is_confirmed) == (agency, "Midwife", True)
    assert Event.objects.about(post).get().by_person == office.pk


def test_the_office_corrects_a_job(client, office):
    post = PostFactory()
    page = f"/cms/job/edit/{post.pk}/"
    assert client.get(page).status_code == 200
    fields = {"title": "Nurse", "role_group": "", "line_manager_email": "Boss@example.org"}
    client.post(page, fields)
    post.refresh_from_db()
    assert (post.title, post.role_group, post.line_manager_email) == (
        "Nurse",
        None,
        "boss@example.org",
    )


def test_nobody_of_the_office_changes_their_own_job(client, office):
    post = PostFactory(person=office, title="Administrator")
    fields = {"title": "Chief", "role_group": "", "line_manager_email": ""}
    page = client.post(f"/cms/job/edit/{post.pk}/", fields).content.decode()
    assert "Somebody else must change your own job. Ask a colleague in the training office." in page
    post.refresh_from_db()
    assert post.title == "Administrator"


def test_the_office_confirms_refuses_appoints_and_ends_by_buttons(client, office):
    yes, no = PostFactory(confirmed_at=None), PostFactory(confirmed_at=None)
    for post, step in ((yes, "confirm"), (no, "refuse"), (yes, "appoint")):
        page = f"/cms/job/{post.pk}/{step}/"
        assert client.get(page).status_code == 200
        assert client.post(page, {"reason": ""})["Location"] == "/cms/job/"
    yes.refresh_from_db()
    no.refresh_from_db()
    assert (yes.state, yes.is_lead, no.state) == ("current", True, "not confirmed")
    client.post(f"/cms/job/{yes.pk}/stand_down/")
    client.post(f"/cms/job/{yes.pk}/end/", {"ends_on": timezone.localdate().isoformat()})
    yes.refresh_from_db()
    assert (yes.is_lead, yes.ends_on) == (False, timezone.localdate())


def test_get_changes_nothing(client, office):
    post = PostFactory(confirmed_at=None)
    client.get(f"/cms/job/{post.pk}/confirm/")
    post.refresh_from_db()
    assert post.is_waiting


def test_nobody_has_a_time_zone_or_a_language_of_their_own(client, office):
    """Check that nobody can set a time zone: a time typed as 09:30 means 09:30 in London."""
    page = client.get("/cms/account/").text
    assert "avatar" in page
    assert [name in page for name in ("current_time_zone", "preferred_language")] == [False, False]


def test_who_chooses_a_theme_is_not_asked_for_a_first_and_a_last_name(client, office):
    page = client.get("/cms/account/").text
    assert ("first_name" in page, "last_name" in page) == (False, False)
    fields = {"theme-theme": "dark", "theme-contrast": "system", "theme-density": "default"}
    client.post("/cms/account/", fields)
    office.wagtail_userprofile.refresh_from_db()
    assert office.wagtail_userprofile.theme == "dark"


def test_a_new_address_is_recorded_without_it_since_who_reads_it_can_sign_in(client, office):
    person = PersonFactory(name="Anna", email="anna@example.org")
    client.post(f"/cms/users/edit/{person.pk}/", person_fields(email="other@example.org"))
    (event,) = Event.objects.about(person)
    assert (event.action, event.by_person) == ("person.address_changed", office.pk)
    assert (event.was, event.now) == ({}, {})


@pytest.mark.parametrize("prefix", ["SCB/N", "SCB N", "-SCB", "SCB-", "SCB?", "ŠCB", "SCB.", ""])
def test_a_prefix_that_no_certificates_address_could_bear_is_refused(client, office, prefix):
    office.is_superuser = True
    office.save()
    fields = board_fields() | {"certificate_prefix": prefix}
    answer = client.post(f"/cms/settings/agencies/board/{Board.load().pk}/", fields)
    sentence = "Use letters and numbers only" if prefix else "This field is required."
    assert sentence in answer.content.decode()
    assert Board.objects.get().certificate_prefix == "SCB"


@pytest.mark.parametrize("prefix", ["PSCB", "P-SCB-2"])
def test_a_plain_prefix_is_taken(client, office, prefix):
    office.is_superuser = True
    office.save()
    fields = board_fields() | {"certificate_prefix": prefix}
    client.post(f"/cms/settings/agencies/board/{Board.load().pk}/", fields)
    assert Board.objects.get().certificate_prefix == prefix


def board_fields():
    return {name: value for name, value in model_to_dict(Board.load()).items() if value is not None}
