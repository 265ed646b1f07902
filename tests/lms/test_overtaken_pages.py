"""Test that no save of a page undoes another that was made while its editor was open."""

import pytest
from bs4 import BeautifulSoup
from django.apps import apps
from wagtail.models import Page, Revision
from wagtail.test.utils.form_data import nested_form_data, streamfield

from courses.models import CourseIndexPage, CoursePage
from home.models import HomePage, StandardPage
from lms.web.overtaken import FIELD, INCOMPLETE
from protocols.models import ProtocolIndexPage, ProtocolPage
from tests.browsing import HIDDEN
from tests.factories import (
    AgencyFactory,
    CoursePageFactory,
    PersonFactory,
    ProtocolPageFactory,
    StandardPageFactory,
)
from tests.filling import filled_form
from tests.home.test_editing import section
from tests.rooms import is_ours

pytestmark = pytest.mark.django_db

PAGES = {
    HomePage: lambda: HomePage.objects.get(),
    StandardPage: StandardPageFactory,
    CourseIndexPage: lambda: CourseIndexPage.objects.get(),
    CoursePage: CoursePageFactory,
    ProtocolIndexPage: lambda: ProtocolIndexPage.objects.get(),
    ProtocolPage: ProtocolPageFactory,
}
# A StreamField is drawn by script, so its parts are not in the form that a test reads.
BODY = nested_form_data({"body": streamfield([section("Who we are", "who")])})
OTHER_BODY = nested_form_data({"body": streamfield([section("Where we are", "where")])})


@pytest.fixture
def sam(client, settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    return PersonFactory(name="Sam Other", is_staff=True, is_superuser=True)


@pytest.fixture
def ola(client, sam):
    person = PersonFactory(name="Ola Office", is_staff=True, is_superuser=True)
    client.force_login(person)
    return person


def path_to(page):
    return f"/cms/pages/{page.pk}/edit/"


def opened(client, page, **more):
    answer = client.get(path_to(page))
    assert answer.status_code == 200
    return {n: v for n, v in filled_form(answer.content, having=FIELD).items() if n} | more


def saved(client, page, values, **headers):
    return client.post(path_to(page), values, headers=headers)


def body_of(page):
    return BODY if hasattr(page, "body") else {}


def sam_saves(client, sam, ola, page, **changes):
    client.force_login(sam)
    answer = saved(client, page, opened(client, page, **body_of(page)) | changes)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    client.force_login(ola)


def differences_on(answer):
    rows = BeautifulSoup(answer.content, "html.parser").select(".office-overtaken tbody tr")
    return {row.th.text: [cell.get_text(strip=True) for cell in row.find_all("td")] for row in rows}


def latest(page):
    return Page.objects.get(pk=page.pk).get_latest_revision_as_object()


def test_every_page_type_is_tried():
    ours = {model for model in apps.get_models() if issubclass(model, Page) and is_ours(model)}
    assert ours == PAGES.keys()


@pytest.mark.parametrize("model", PAGES)
def test_a_save_of_an_overtaken_revision_is_refused_and_laid_on_top(client, sam, ola, model):
    page = PAGES[model]()
    if hasattr(page, "body"):
        saved(client, page, opened(client, page, **BODY))
    mine = opened(client, page, **body_of(page)) | {"search_description": "Mine"}
    sam_saves(client, sam, ola, page, title="Theirs")
    before = Revision.objects.count()
    answer = saved(client, page, mine)
    # Nothing is saved, and the page says who, and both values.
    assert answer.status_code == 200
    assert Revision.objects.count() == before and latest(page).title == "Theirs"
    assert "Sam Other saved this page" in answer.content.decode()
    found = differences_on(answer)
    assert found.pop("Title") == ["Theirs", "You did not change it"]
    assert list(found.values()) == [["Empty", "Mine"]]
    # One press lays mine on top.
    again = filled_form(answer.content, having=FIELD) | body_of(page)
    assert saved(client, page, again).status_code == 302
    assert (latest(page).title, latest(page).search_description) == ("Theirs", "Mine")


@pytest.mark.parametrize("model", PAGES)
def test_a_page_without_a_revision_is_compared_too(client, sam, ola, model):
    page = PAGES[model]()
    Revision.objects.filter(object_id=str(page.pk)).delete()
    Page.objects.filter(pk=page.pk).update(latest_revision=None)
    mine = opened(client, page, **body_of(page)) | {"search_description": "Mine"}
    assert "loaded_revision_id" not in mine
    sam_saves(client, sam, ola, page, title="Theirs")
    assert saved(client, page, mine).status_code == 200
    assert (latest(page).title, latest(page).search_description) == ("Theirs", "")


@pytest.mark.parametrize("carried", [None, "made:up"])
@pytest.mark.parametrize("model", PAGES)
def test_a_form_that_does_not_say_what_it_showed_is_refused(client, ola, model, carried):
    page = PAGES[model]()
    mine = opened(client, page, **body_of(page)) | {"search_description": "Mine"}
    gone = {FIELD} if carried else {*HIDDEN}
    mine = {name: value for name, value in mine.items() if name not in gone}
    mine |= {FIELD: carried} if carried else {}
    before = Revision.objects.count()
    answer = client.without_page(path_to(page), mine)
    assert answer.status_code == 200 and INCOMPLETE in answer.text
    assert Revision.objects.count() == before
    again = filled_form(answer.content, having=FIELD) | body_of(page)
    assert again["search_description"] == "Mine"
    assert saved(client, page, again).status_code == 302
    assert latest(page).search_description == "Mine"


def test_a_page_that_was_saved_as_it_was_created_names_its_revision_alone(client, sam, ola):
    page = StandardPageFactory()
    page.save_revision()
    form = opened(client, page, **BODY)
    del form[FIELD]
    assert client.without_page(path_to(page), form | {"title": "Mine"}).status_code == 302
    assert latest(page).title == "Mine"
    answer = client.without_page(path_to(page), form | {"title": "Of an old revision"})
    assert answer.status_code == 200 and latest(page).title == "Mine"


@pytest.mark.parametrize("model", PAGES)
def test_an_autosave_of_an_overtaken_revision_is_refused(client, sam, ola, model):
    page = PAGES[model]()
    mine = opened(client, page, **body_of(page)) | {"search_description": "Mine"}
    sam_saves(client, sam, ola, page, title="Theirs")
    answer = saved(client, page, mine, accept="application/json")
    assert answer.status_code == 400 and answer.json()["error_code"] == "invalid_revision"
    assert (latest(page).title, latest(page).search_description) == ("Theirs", "")


def test_a_body_that_i_did_not_touch_stays_theirs(client, sam, ola):
    page = StandardPageFactory()
    saved(client, page, opened(client, page, **BODY))
    mine = opened(client, page, **BODY) | {"title": "Mine"}
    client.force_login(sam)
    assert saved(client, page, opened(client, page, **OTHER_BODY)).status_code == 302
    client.force_login(ola)
    answer = saved(client, page, mine)
    found = differences_on(answer)
    assert found["Title"][1] == "Mine" and "Where we are" in found["Body"][0]
    assert answer.context["form"].instance.body[0].value["heading"] == "Where we are"


def test_a_body_that_both_changed_is_shown_both_ways(client, sam, ola):
    page = StandardPageFactory()
    saved(client, page, opened(client, page, **BODY))
    mine = opened(client, page) | nested_form_data({"body": streamfield([section("Mine", "m")])})
    client.force_login(sam)
    assert saved(client, page, opened(client, page, **OTHER_BODY)).status_code == 302
    client.force_login(ola)
    answer = saved(client, page, mine)
    now, entered = differences_on(answer)["Body"]
    assert "Where we are" in now and "Mine" in entered
    assert answer.context["form"].instance.body[0].value["heading"] == "Mine"


def owner(line, agency):
    return {f"owners-{line}-agency": agency.pk, f"owners-{line}-ORDER": line + 1} | {
        f"owners-{line}-{name}": "" for name in ("id", "DELETE")
    }


def owned_by(page):
    return {each.agency.name for each in latest(page).owners.all()}


def test_owners_that_two_people_added_are_both_kept(client, sam, ola):
    """Check the sub-forms of a page, which are compared child by child."""
    page = ProtocolPageFactory(owners=[AgencyFactory(name="Was")])
    theirs, mine = AgencyFactory(name="Theirs"), AgencyFactory(name="Mine")
    mine_open = opened(client, page, **BODY)
    sam_saves(client, sam, ola, page, **owner(1, theirs), **{"owners-TOTAL_FORMS": 2})
    assert owned_by(page) == {"Was", "Theirs"}
    answer = saved(client, page, mine_open | owner(1, mine) | {"owners-TOTAL_FORMS": 2})
    now, entered = differences_on(answer)["Owners"]
    assert "Theirs" in now and "Mine" in entered
    again = filled_form(answer.content, having=FIELD) | BODY
    assert saved(client, page, again).status_code == 302
    assert owned_by(page) == {"Was", "Theirs", "Mine"}


def test_an_owner_that_i_removed_is_gone_and_theirs_stays(client, sam, ola):
    page = ProtocolPageFactory(owners=[AgencyFactory(name="Was"), AgencyFactory(name="Gone")])
    mine = opened(client, page, **BODY) | {"owners-1-DELETE": "1"}
    theirs = AgencyFactory(name="Theirs")
    sam_saves(client, sam, ola, page, **owner(2, theirs), **{"owners-TOTAL_FORMS": 3})
    answer = saved(client, page, mine)
    now, entered = differences_on(answer)["Owners"]
    assert "Gone" in now and "Gone" not in entered, (now, entered, mine)
    again = filled_form(answer.content, having=FIELD) | BODY
    assert saved(client, page, again).status_code == 302
    assert owned_by(page) == {"Was", "Theirs"}, again


def test_a_stale_form_that_is_wrong_stays_stale(client, sam, ola):
    page = StandardPageFactory()
    saved(client, page, opened(client, page, **BODY))
    mine = opened(client, page, **BODY) | {"slug": "my"}
    sam_saves(client, sam, ola, page, title="Theirs")
    answer = saved(client, page, mine)
    assert answer.status_code == 200 and "office-overtaken" not in answer.content.decode()
    again = filled_form(answer.content, having=FIELD) | BODY | {"slug": "about"}
    assert saved(client, page, again).status_code == 200
    assert (latest(page).title, latest(page).slug) == ("Theirs", page.slug)


def test_who_autosaved_and_then_saves_is_not_refused(client, sam, ola):
    page = StandardPageFactory()
    saved(client, page, opened(client, page, **BODY))
    mine = opened(client, page, **BODY) | {"title": "Mine"}
    kept = saved(client, page, mine, accept="application/json").json()
    assert kept["success"]
    again = mine | {"overwrite_revision_id": kept["revision_id"], "title": "Mine too"}
    assert saved(client, page, again).status_code == 302
    assert latest(page).title == "Mine too"


@pytest.mark.parametrize("model", PAGES)
def test_a_press_that_says_just_what_was_saved_meanwhile_is_taken(client, sam, ola, model):
    """Cover one's own autosave whose answer comes after the press."""
    page = PAGES[model]()
    if hasattr(page, "body"):
        saved(client, page, opened(client, page, **BODY))
    mine = opened(client, page, **body_of(page)) | {"search_description": "Mine"}
    assert saved(client, page, mine, accept="application/json").status_code == 200
    assert saved(client, page, mine).status_code == 302
    assert latest(page).search_description == "Mine"


@pytest.mark.parametrize("another_saves", [False, True])
def test_a_press_after_ones_own_autosave_of_a_new_page_is_taken(client, sam, ola, another_saves):
    """Cover an autosave whose answer has not arrived, and that says less than the press."""
    page = StandardPageFactory()
    first = page.save_revision(user=ola)
    # Saved by itself as it was being created: the form names that revision, and shows no digests.
    mine = {n: v for n, v in opened(client, page, **BODY).items() if n != FIELD}
    assert mine["loaded_revision_id"] == str(first.pk)
    kept = mine | {"title": "Half", "overwrite_revision_id": str(first.pk)}
    accept = {"accept": "application/json"}
    assert client.without_page(path_to(page), kept, headers=accept).json()["success"]
    assert latest(page).title == "Half"
    if another_saves:
        sam_saves(client, sam, ola, page, title="Theirs")
    answer = client.without_page(path_to(page), mine | {"title": "Whole"})
    assert answer.status_code == (200 if another_saves else 302)
    assert latest(page).title == ("Theirs" if another_saves else "Whole")
