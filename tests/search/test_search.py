"""Test that public content, and nothing else, is found by its words on either database."""

import datetime as dt
from importlib import import_module
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.documents import get_document_model
from wagtail.models import Collection, CollectionViewRestriction, Page, PageViewRestriction

from agencies.access import BOARD_MEMBERS, PROTOCOL_EDITORS, TRAINING_ADMINISTRATORS
from courses.models import Course
from protocols.editions import editions
from protocols.models import Edition, EditionFile, Indicator
from search import indexer, queries
from search.models import SearchDocument, Term
from tests.factories import (
    APPROVED,
    CoursePageFactory,
    ImageFactory,
    IndicatorFactory,
    PersonFactory,
    PostFactory,
    ProtocolPageFactory,
    StandardPageFactory,
    TopicFactory,
    body_of,
    picture_of,
)

pytestmark = pytest.mark.django_db


def saying(text, heading="What to do"):
    return body_of(("section", {"heading": heading, "text": f"<p>{text}</p>"}))


def document(title="Referral form", **fields):
    file = ContentFile(b"words", "referral.txt")
    return get_document_model().objects.create(title=title, file=file, **fields)


def leading_to(sheet, title="The referral form"):
    return body_of(("download", {"title": title, "document": sheet.pk}))


def found(words, **more):
    """Return the titles of the results, in order."""
    return [result.document.title for result in queries.look_for(words, **more).results]


def read(client, **query):
    response = client.get("/search/", query)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def said(page):
    return " ".join(page.main.get_text(" ").split())


@pytest.fixture
def safeguarding(db):
    ProtocolPageFactory(title="Babies", body=saying("Safeguarding children is for everybody."))
    indexer.sync()


@pytest.mark.parametrize(
    "words",
    [
        "safeguard", "safeguards", "Safeguarding", "safeguarded", "safe", "safeguardi",
        "safeguards chil", "safeguardi everybod", "what is safeguarding for",
        "SÁFEGUARDING", "“safeguarding”", "baby", "babies",
    ],
)  # fmt: skip
def test_stems_and_beginnings_find_the_word(safeguarding, words):
    assert found(words) == ["Babies"]


@pytest.mark.parametrize("words", ["guarding", "sa", "safeguarding zebras", "zebra", "section"])
def test_what_is_not_said_is_not_found(safeguarding, words):
    assert found(words) == []


@pytest.mark.parametrize("words", ["child", "child's", "childs", "Child’s"])
def test_an_apostrophe_is_no_matter(db, words):
    StandardPageFactory(title="One", body=saying("A hedgehog’s child."))
    StandardPageFactory(title="Two", body=saying("A hedgehog and the child's book."))
    indexer.sync()
    assert sorted(found(f"hedgehogs {words}")) == ["One", "Two"]


def test_a_short_word_is_found_whole_and_begins_nothing(db):
    CoursePageFactory(course__title="Abuse at home", course__code="DA")
    CoursePageFactory(course__title="Data protection", course__code="DP")
    indexer.sync()
    assert found("da") == ["Abuse at home"]


def test_titles_come_first_then_kinds_then_those_that_say_it_most(db):
    ProtocolPageFactory(title="Once", body=saying("Supervision, then a good many other words."))
    ProtocolPageFactory(title="Often", body=saying("Supervision is supervision by supervisors."))
    StandardPageFactory(title="About us", body=saying("We like supervision."))
    CoursePageFactory(course__title="Supervising others")
    IndicatorFactory(text="A child without supervision")
    indexer.sync()
    assert found("supervision") == [
        "Supervising others", "Often", "Once", "About us", "A child without supervision",
    ]  # fmt: skip


def test_reference_owner_topic_code_and_tier_find_what_they_are_of(db):
    topic = TopicFactory(name="Concealed pregnancy")
    page = ProtocolPageFactory(title="Babies", reference="UBP", topics=[topic])
    CoursePageFactory(course__title="Unborn", course__code="UNB").course.topics.add(topic)
    IndicatorFactory(text="Late booking", topics=[topic])
    indexer.sync()
    assert found("UBP") == found(page.owners.get().agency.name) == ["Babies"]
    assert found("unb") == ["Unborn"]
    assert found("concealed") == ["Babies", "Unborn", "Late booking"]
    assert found("tier universal") == ["Late booking"]


def test_documents_are_found_with_the_page_that_leads_to_them(db):
    ProtocolPageFactory(title="Babies", slug="babies", body=leading_to(document()))
    other = document("Easy read", tags=[])
    StandardPageFactory(title="Accessible", body=leading_to(other, "Easy to read"))
    StandardPageFactory(title="Accessible too", body=leading_to(other, "Easy to read"))
    indexer.sync()
    results = queries.look_for("read", kind="document").results
    assert [r.document.address for r in results] == [other.url]
    (result,) = queries.look_for("referral form", kind="document").results
    assert result.document.title == "The referral form"
    assert result.document.facts == "TXT, from Babies"
    assert result.document.address == EditionFile.objects.get().get_absolute_url()


@pytest.mark.parametrize("slip", ["safegaurding", "safegarding", "saveguarding", "safeguardign"])
def test_a_slip_that_finds_nothing_leads_to_the_nearest_word(client, safeguarding, slip):
    page = read(client, q=slip, kind="protocol", page="3")
    (link,) = page.select(".lead a")
    assert (link.text, link["href"]) == ("safeguarding", "?q=safeguarding")
    assert found("safeguarding") == ["Babies"]


def test_a_slip_among_right_words_is_put_right_alone(safeguarding):
    assert queries.look_for("childrn everybody").suggestion == "children everybody"


def test_nothing_is_suggested_that_finds_nothing_or_is_not_public(client, safeguarding):
    assert queries.look_for("xylophone").suggestion == ""
    assert queries.look_for("children zebra").suggestion == ""
    Page.objects.filter(title="Babies").update(live=False)
    assert queries.look_for("safegaurding").suggestion == ""
    assert "Nothing found" in said(read(client, q="safegaurding"))


def test_only_the_edition_in_force_is_found(db):
    page = ProtocolPageFactory(title="Babies", body=saying("Hedgehogs."))
    ProtocolPageFactory(title="Draft alone", edition=None, body=saying("Hedgehogs."))
    indexer.sync()
    page.body = saying("Foxes.")
    page.save()
    assert (found("hedgehog"), found("foxes")) == (["Babies"], [])
    page.reason, page.in_force_from = "Foxes.", timezone.localdate()
    page.save()
    editions.issue_edition(page, by="TEST", approved_by=APPROVED)
    assert found("hedgehog") == [], "The old text goes at once, before anything is made again"
    indexer.sync()
    assert (found("hedgehog"), found("foxes")) == ([], ["Babies"])
    editions.withdraw(Edition.objects.get(number=2), reason="Wrong.", by="TEST")
    assert found("foxes") == found("hedgehog") == []


def unpublish(page):
    page.unpublish()


def make_private(page):
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)


def make_its_section_private(page):
    make_private(page.get_parent())


def delete(page):
    page.delete()


@pytest.mark.parametrize("hide", [unpublish, make_private, make_its_section_private])
@pytest.mark.parametrize("make", [ProtocolPageFactory, StandardPageFactory, CoursePageFactory])
def test_what_is_hidden_is_found_no_more_at_once_and_forgotten_a_minute_later(make, hide):
    page = make(title="Hedgehogs") if make != CoursePageFactory else make(course__title="Hedgehogs")
    indexer.sync()
    assert found("hedgehog") == ["Hedgehogs"]
    hide(Page.objects.get(pk=page.pk))
    assert found("hedgehog") == []
    indexer.sync()
    assert not SearchDocument.objects.filter(title="Hedgehogs").exists()


def test_what_is_deleted_is_found_no_more(db):
    page = StandardPageFactory(title="Hedgehogs")
    indexer.sync()
    page.delete()
    assert found("hedgehog") == []


def test_a_document_goes_with_its_page_and_with_its_collection(db):
    folder = Collection.get_first_root_node().add_child(name="Board")
    inner = folder.add_child(name="Papers")
    sheet = document("Hedgehog sheet", collection=inner)
    page = StandardPageFactory(title="Page", body=leading_to(sheet, "Hedgehog sheet"))
    indexer.sync()
    assert found("hedgehog", kind="document") == ["Hedgehog sheet"]
    private = CollectionViewRestriction.objects.create(collection=folder, restriction_type="login")
    assert found("hedgehog", kind="document") == ["Page"], "Of other kinds there is the page alone"
    private.delete()
    assert found("hedgehog", kind="document") == ["Hedgehog sheet"]
    sheet.delete()
    assert found("hedgehog", kind="document") == ["Page"]
    page.delete()
    assert found("hedgehog") == []


def test_an_indicator_is_found_while_it_is_in_force_and_as_it_stands(db):
    today = timezone.localdate()
    IndicatorFactory(text="Hedgehogs to come", starts_on=today + dt.timedelta(1))
    ended = IndicatorFactory(text="Hedgehogs in the garden")
    indexer.sync()
    assert found("hedgehogs") == ["Hedgehogs in the garden"]
    Indicator.objects.filter(pk=ended.pk).update(text="Foxes in the garden")
    assert found("hedgehogs") == found("foxes") == []
    indexer.sync()
    assert found("foxes") == ["Foxes in the garden"]
    Indicator.objects.filter(pk=ended.pk).update(ends_on=today - dt.timedelta(1))
    assert found("foxes") == []


def test_a_course_is_found_while_it_is_offered(db):
    page = CoursePageFactory(course__title="Hedgehogs")
    indexer.sync()
    Course.objects.filter(pk=page.course_id).update(is_offered=False)
    indexer.sync()
    assert found("hedgehog") == []


def test_everybody_finds_the_same(client):
    ProtocolPageFactory(title="Babies", body=saying("Hedgehogs."))
    ProtocolPageFactory(title="Draft", edition=None, body=saying("Hedgehogs."))
    hidden = StandardPageFactory(title="For members", body=saying("Hedgehogs."))
    make_private(hidden)
    StandardPageFactory(title="Not yet", live=False, body=saying("Hedgehogs."))
    indexer.sync()
    people = [
        PersonFactory(),
        PostFactory(is_lead=True).person,
        PersonFactory(is_superuser=True, is_staff=True),
        *(
            PersonFactory(is_staff=True, groups=[name])
            for name in (TRAINING_ADMINISTRATORS, PROTOCOL_EDITORS, BOARD_MEMBERS)
        ),
    ]
    shown = [[link.text for link in read(client, q="hedgehogs").select(".result__title a")]]
    for person in people:
        client.force_login(person)
        page = read(client, q="hedgehogs")
        shown.append([link.text for link in page.select(".result__title a")])
    assert shown == [["Babies"]] * 7


def test_what_was_rolled_back_was_never_found(db):
    indexer.sync()
    before = SearchDocument.objects.count()
    with transaction.atomic():
        StandardPageFactory(title="Hedgehogs")
        indexer.sync()
        assert found("hedgehog") == ["Hedgehogs"]
        transaction.set_rollback(True)
    assert found("hedgehog") == []
    assert SearchDocument.objects.count() == before
    assert not Term.objects.filter(word="hedgehogs").exists()


def test_what_is_published_is_indexed_by_the_worker_and_not_in_the_request():
    page = StandardPageFactory(title="Page", body=saying("Foxes."))
    indexer.sync()
    page.body = saying("Hedgehogs.")
    for _ in range(2):
        page.save_revision().publish()
    assert found("hedgehog") == []
    [waiting] = DBTaskResult.objects.ready().filter(task_path="search.indexer.sync_now")
    call_command("worker", batch=True, verbosity=0)
    waiting.refresh_from_db()
    assert waiting.status == "SUCCESSFUL"
    assert (found("hedgehog"), found("foxes")) == (["Page"], [])


def test_what_has_not_changed_is_left_as_it_is(db):
    ProtocolPageFactory(title="Babies")
    IndicatorFactory()
    indexer.sync()
    before = list(SearchDocument.objects.order_by("pk").values())
    assert indexer.sync() is False
    assert list(SearchDocument.objects.order_by("pk").values()) == before


def test_there_is_more_to_do_when_the_time_is_over_and_it_is_done_the_next_time(db):
    StandardPageFactory(title="Hedgehogs")
    assert indexer.sync(seconds=-1) is True
    assert found("hedgehog") == []
    assert indexer.sync() is False
    assert found("hedgehog") == ["Hedgehogs"]


def test_the_command_makes_everything_afresh(db, capsys):
    StandardPageFactory(title="Hedgehogs")
    call_command("update_search")
    SearchDocument.objects.filter(title="Hedgehogs").update(title="Foxes")
    call_command("update_search", verbosity=0)
    assert found("hedgehog") == ["Foxes"]
    call_command("update_search", "--afresh")
    assert found("hedgehog") == ["Hedgehogs"]
    assert capsys.readouterr().out.endswith("things can be found.\n")


def test_what_was_found_is_found_when_the_index_is_made_anew(db):
    page = StandardPageFactory(title="Hedgehogs")
    indexer.sync()
    with connection.cursor() as cursor:
        editor = SimpleNamespace(connection=connection, execute=cursor.execute)
        import_module("home.migrations.0005_beginnings_of_words").make_anew(None, editor)
    assert found("hedg") == found("hedgehog") == ["Hedgehogs"]
    page.delete()
    indexer.sync()
    assert found("hedgehog") == []


def test_words_that_nothing_uses_any_more_are_forgotten(db):
    StandardPageFactory(title="Hedgehogs")
    page = StandardPageFactory(title="Foxes")
    indexer.sync()
    page.delete()
    indexer.sync()
    indexer.forget_terms()
    words = Term.objects.filter(word__in=["hedgehogs", "foxes"])
    assert [known.word for known in words] == ["hedgehogs"]


def test_what_is_said_below_a_picture_is_found_and_the_picture_is_no_document():
    picture = picture_of(ImageFactory(), caption="Stepping up, stepping down")
    after = ("section", {"heading": "Next", "text": "<p>Words.</p>"})
    ProtocolPageFactory(title="Early help", body=body_of(picture, after))
    indexer.sync()
    assert found("stepping down") == ["Early help"]
    assert "stepping down. Next. Words." in SearchDocument.objects.get(title="Early help").text
