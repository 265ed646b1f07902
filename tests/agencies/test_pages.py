"""Test the pages of one's own jobs, and a lead's pages of their agency."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from agencies import accounts
from agencies.models import Post
from history.models import Event
from tests.factories import (
    AgencyFactory,
    DomainFactory,
    PersonFactory,
    PostFactory,
    RoleGroupFactory,
)

pytestmark = pytest.mark.django_db
ANSWERS = {"title": "Midwife", "role_group": "", "line_manager_email": ""}


@pytest.fixture
def lead(client):
    post = PostFactory(is_lead=True, agency__name="Solent Trust", person__name="Lee Lead")
    client.force_login(post.person)
    return post


def test_joining_proposes_the_agency_of_a_proven_address_and_confirms(client):
    domain = DomainFactory(name="portsmouth.example.org", agency__name="Portsmouth City Council")
    person = PersonFactory(email="anna@portsmouth.example.org")
    client.force_login(person)
    page = client.get("/welcome/").content.decode()
    assert f'<option value="{domain.agency_id}" selected>Portsmouth City Council' in page
    answer = client.post("/welcome/", ANSWERS | {"agency": domain.agency_id})
    assert answer["Location"] == "/courses/"
    assert person.posts.get().is_confirmed


def test_anybody_else_chooses_an_agency_and_waits(client):
    agency, group = AgencyFactory(), RoleGroupFactory()
    person = PersonFactory()
    client.force_login(person)
    answer = client.post("/welcome/", ANSWERS | {"agency": agency.pk, "role_group": group.pk})
    assert answer["Location"] == "/my/jobs/"
    post = person.posts.get()
    assert (post.agency, post.role_group, post.is_waiting) == (agency, group, True)
    assert "Waiting to be confirmed" in client.get("/my/jobs/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"agency": ""}, "Choose the agency that you work for."),
        ({"agency": "999999"}, "Select a valid choice"),
        ({"title": ""}, "Enter your job title."),
        ({"title": "<script>alert(1)</script>"}, "without symbols"),
        ({"line_manager_email": "boss"}, "Enter a valid email address."),
        ({"line_manager_email": "ME@example.org"}, "not your own"),
    ],
)
def test_bad_answers_get_a_sentence_and_lose_nothing(client, wrong, sentence):
    client.force_login(PersonFactory(email="me@example.org"))
    given = ANSWERS | {"agency": AgencyFactory().pk, "title": "Head teacher"} | wrong
    answer = client.post("/welcome/", given)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "There is a problem" in page and sentence in page
    assert "Head teacher" in page or "title" in wrong
    assert not Post.objects.exists()


def test_a_merged_agency_is_not_offered(client):
    AgencyFactory(name="Gone", merged_into=AgencyFactory(name="Here"))
    client.force_login(PersonFactory())
    page = client.get("/welcome/").content.decode()
    assert ">Here<" in page and ">Gone<" not in page


def test_a_lead_sees_who_works_there_and_who_waits_and_nobody_else(client, lead):
    PostFactory(agency=lead.agency, person__name="Anna Staff")
    PostFactory(agency=lead.agency, person__name="Walter Waits", confirmed_at=None)
    yesterday = timezone.localdate() - timedelta(days=1)
    PostFactory(
        agency=lead.agency, person__name="Gone Already", starts_on=yesterday, ends_on=yesterday
    )
    PostFactory(person__name="Otto Other")
    PostFactory(person__name="Other Waits", confirmed_at=None)
    page = client.get("/agency/").content.decode()
    assert [name in page for name in ("Solent Trust", "Anna Staff", "Walter Waits")] == [True] * 3
    assert [name in page for name in ("Gone Already", "Otto Other", "Other Waits")] == [False] * 3


def test_a_lead_finds_and_turns_pages(client, lead):
    for number in range(30):
        PostFactory(agency=lead.agency, person__name=f"Staff {number:02}")
    assert "Staff 29" not in client.get("/agency/").content.decode()
    assert "Staff 29" in client.get("/agency/?page=2").content.decode()
    found = client.get("/agency/?q=staff 29").content.decode()
    assert "Staff 29" in found and "Staff 28" not in found
    assert "Nobody found" in client.get("/agency/?q=%25").content.decode()
    assert client.get("/agency/?page=nonsense").status_code == 200
    assert "Staff 29" in client.get("/agency/?q=staff 29%00").content.decode()


def test_a_lead_confirms_and_refuses(client, lead):
    yes = PostFactory(agency=lead.agency, confirmed_at=None)
    no = PostFactory(agency=lead.agency, confirmed_at=None)
    assert client.get(f"/agency/requests/{yes.pk}/confirm/").status_code == 405
    assert client.post(f"/agency/requests/{yes.pk}/confirm/")["Location"] == "/agency/"
    assert client.get(f"/agency/requests/{no.pk}/refuse/").status_code == 200
    answer = client.post(f"/agency/requests/{no.pk}/refuse/", {"reason": "Unknown here"})
    assert answer["Location"] == "/agency/"
    assert [Post.objects.get(pk=post.pk).state for post in (yes, no)] == [
        "current",
        "not confirmed",
    ]


def test_a_lead_says_that_a_colleague_has_left(client, lead):
    gone = PostFactory(agency=lead.agency, person__name="Gwen Gone")
    page, yesterday = f"/agency/staff/{gone.pk}/left/", timezone.localdate() - timedelta(days=1)
    assert page in client.get("/agency/").text
    before = client.post(page, {"ends_on": gone.starts_on - timedelta(days=1)}).text
    assert "There is a problem" in before and "The last day cannot be before the first." in before
    assert "Enter the last day in this job." in client.post(page, {"ends_on": ""}).text
    assert client.post(page, {"ends_on": yesterday})["Location"] == "/agency/"
    gone.refresh_from_db()
    assert gone.ends_on == yesterday
    (told,) = Event.objects.about(gone)
    assert (told.action, told.by_person) == ("post.left", lead.person_id)
    assert "Gwen Gone" not in client.get("/agency/").content.decode().partition("staff")[2]
    assert client.get(page).status_code == 404


def test_a_lead_ends_neither_their_own_job_nor_one_elsewhere_nor_prolongs_one(client, lead):
    elsewhere = PostFactory()
    today = timezone.localdate()
    for post in (lead, elsewhere):
        page = f"/agency/staff/{post.pk}/left/"
        assert (client.get(page).status_code, client.post(page).status_code) == (404, 404)
        assert page not in client.get("/agency/").text
    leaves = PostFactory(agency=lead.agency, ends_on=today, person__name="Leo Leaves")
    later = {"ends_on": today + timedelta(days=30)}
    refused = client.post(f"/agency/staff/{leaves.pk}/left/", later).text
    assert "cannot be made later here: Leo Leaves can change it" in refused
    leaves.refresh_from_db()
    assert leaves.ends_on == today


def test_another_agencys_people_do_not_exist(client, lead):
    other = PostFactory(confirmed_at=None)
    for verb in ("confirm", "refuse"):
        assert client.post(f"/agency/requests/{other.pk}/{verb}/").status_code == 404
    other.refresh_from_db()
    assert other.is_waiting


def test_a_lead_does_not_decide_about_themself(client):
    agency = AgencyFactory()
    own = PostFactory(agency=agency, confirmed_at=None, is_lead=True)
    child = AgencyFactory(merged_into=agency)
    PostFactory(person=own.person, agency=child, is_lead=True)
    client.force_login(own.person)
    assert client.post(f"/agency/requests/{own.pk}/confirm/").status_code == 404


def test_who_leads_nothing_has_no_agency_page(client):
    post = PostFactory()
    waiting = PostFactory(agency=post.agency, confirmed_at=None)
    client.force_login(post.person)
    assert client.get("/agency/").status_code == 404
    assert client.post(f"/agency/requests/{waiting.pk}/confirm/").status_code == 404


def test_the_menu_shows_the_agency_to_its_lead_only(client, lead):
    assert 'href="/agency/"' in client.get("/my/jobs/").content.decode()
    client.force_login(PostFactory().person)
    assert 'href="/agency/"' not in client.get("/my/jobs/").content.decode()


def test_the_line_manager_changes_and_the_job_ends(client):
    post = PostFactory()
    client.force_login(post.person)
    path = f"/my/jobs/{post.pk}"
    client.post(f"{path}/line-manager/", {"line_manager_email": "Boss@Example.org"})
    page = client.post(f"{path}/line-manager/", {"line_manager_email": post.person.email})
    assert "not your own" in page.content.decode()
    assert (
        "cannot be before"
        in client.post(f"{path}/leave/", {"ends_on": "1999-01-01"}).content.decode()
    )
    assert "Enter the last day in this job." in client.post(f"{path}/leave/", {"ends_on": ""}).text
    assert (
        "Enter a valid date" in client.post(f"{path}/leave/", {"ends_on": "soon"}).content.decode()
    )
    client.post(f"{path}/leave/", {"ends_on": timezone.localdate().isoformat()})
    post.refresh_from_db()
    assert (post.line_manager_email, post.ends_on) == ("boss@example.org", timezone.localdate())


def test_another_persons_job_does_not_exist(client):
    post = PostFactory()
    client.force_login(PostFactory(agency=post.agency).person)
    for page in ("leave", "line-manager"):
        assert client.get(f"/my/jobs/{post.pk}/{page}/").status_code == 404
        assert client.post(f"/my/jobs/{post.pk}/{page}/").status_code == 404


def test_a_name_is_corrected_by_its_owner(client):
    person = PersonFactory(name="Ana")
    client.force_login(person)
    assert "with letters" in client.post("/my/name/", {"name": "123"}).content.decode()
    client.post("/my/name/", {"name": "Anna"})
    person.refresh_from_db()
    assert person.name == "Anna"


def test_signed_out_people_are_asked_to_sign_in(client):
    for page in ("/welcome/", "/my/jobs/", "/my/name/", "/agency/", "/my/jobs/1/leave/"):
        assert client.get(page)["Location"] == f"/accounts/login/?next={page}"


@pytest.mark.parametrize("page", ["/agency/", "/my/jobs/", "/welcome/"])
def test_the_same_number_of_queries_with_one_row_and_three(
    client, lead, page, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def row():
        PostFactory(agency=lead.agency)
        PostFactory(agency=lead.agency, confirmed_at=None)
        PostFactory(person=lead.person)

    row()
    client.get(page)
    with CaptureQueriesContext(connection) as one:
        client.get(page)
    row()
    row()
    with django_assert_num_queries(len(one)):
        client.get(page)
    assert len(one) <= 12


def test_a_person_says_under_which_name_lists_sort_them(client, lead):
    page = reverse("agencies:name")
    for sort_as in ("van der Berg", "van der Berg", ""):
        client.post(page, {"name": "Lee van der Berg", "sort_as": sort_as})
        lead.person.refresh_from_db()
        assert (lead.person.name, lead.person.sort_as) == ("Lee van der Berg", sort_as)
    renamed = Event.objects.filter(action="person.renamed", thing_id=str(lead.person.pk))
    assert renamed.count() == 2


@pytest.mark.parametrize(
    ("name", "sort_as"),
    [("Ann van der Berg", "van der Berg"), ("Lee Smith", ""), ("Lee Van Der Bergh", "")],
)
def test_a_new_name_that_lacks_the_last_name_is_sorted_by_its_own(lead, name, sort_as):
    person = lead.person
    person.sort_as = "van der Berg"
    accounts.rename(person, name, by=person)
    person.refresh_from_db()
    assert (person.name, person.sort_as) == (name, sort_as)


def test_the_staff_list_sorts_people_as_they_said(client, lead):
    for name, sort_as in [("Zoe Ash", ""), ("Ann de la Mare", "de la Mare")]:
        PostFactory(agency=lead.agency, person__name=name, person__sort_as=sort_as)
    page = client.get(reverse("agencies:agency")).context["page"]
    assert [post.person.name for post in page] == ["Zoe Ash", "Ann de la Mare", "Lee Lead"]


def test_the_staff_list_is_sorted_by_last_name(client, lead, monkeypatch):
    monkeypatch.setattr("agencies.views.lead.A_PAGE", 2)
    for name in ["Zoe Ash", "Amy Smith-Jones", "Bob Élan"]:
        PostFactory(agency=lead.agency, person__name=name)
    in_order = ["Zoe Ash", "Bob Élan", "Lee Lead", "Amy Smith-Jones"]
    pages = [client.get(reverse("agencies:agency"), {"page": n}).context["page"] for n in (1, 2)]
    assert [post.person.name for page in pages for post in page] == in_order
    listed = client.get(reverse("agencies:staff_csv"))
    lines = b"".join(listed.streaming_content) if listed.streaming else listed.content
    found = [name for line in lines.decode().splitlines() for name in in_order if name in line]
    assert found == in_order
