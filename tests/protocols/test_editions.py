"""Tests that editions are issued once and stored unchanged with all their files."""

import datetime as dt
import hashlib
import io
import json

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError
from pypdf import PdfReader
from wagtail.documents import get_document_model
from wagtail.models import Collection, CollectionViewRestriction

from history.models import Event
from protocols.drafts import copies
from protocols.editions import editions, pdfs
from protocols.editions.backfill import backfill
from protocols.models import Edition, EditionFile, EditionSource, ProtocolPage
from tests.factories import APPROVED, AgencyFactory, PersonFactory, ProtocolPageFactory, body_of

pytestmark = pytest.mark.django_db
APRIL, MAY = dt.date(2026, 4, 1), dt.date(2026, 5, 1)


def section(words, heading="Why we have this"):
    return body_of(("section", {"heading": heading, "text": f"<p>{words}</p>"}))


def revised(page, **fields):
    """Change the page as an editor would for its next edition, unsaved."""
    changes = {"reason": "Because.", "in_force_from": MAY, "body": section("Now this.")} | fields
    for name, value in changes.items():
        setattr(page, name, value)
    return page


def issue(page, **more):
    return editions.issue_edition(page, by="TEST", **{"approved_by": APPROVED} | more)


def document(name="form.txt", content=b"Fill me in.", **fields):
    return get_document_model().objects.create(
        title=name, file=ContentFile(content, name=name), **fields
    )


def with_document(document):
    return body_of(("download", {"title": "The form", "document": document.pk, "about": ""}))


def words(response):
    page = BeautifulSoup(response.content, "html.parser")
    return " ".join(page.main.get_text(" ").split())


def test_an_edition_keeps_what_its_page_said_then():
    owner = AgencyFactory(name="The Board")
    page = ProtocolPageFactory(
        title="Unborn Baby Protocol", slug="unborn", owners=[owner], edition=None
    )
    page.answers = [EditionSource(kind="finding", citation="Child E, 2016")]
    page.check_question = "Within how many days?"
    page.check_answers.create(text="Five", is_right=True)
    page.check_answers.create(text="Ten", is_right=False)
    by = PersonFactory()
    edition = editions.issue_edition(page, by=by, approved_by=APPROVED)
    edition.refresh_from_db()
    assert (edition.number, edition.is_major, edition.title) == (1, True, "Unborn Baby Protocol")
    assert (edition.in_force_from, edition.next_review_on) == (APRIL, dt.date(2099, 4, 1))
    assert edition.reason == "The first version."
    assert edition.owners == [{"agency": owner.pk, "name": "The Board"}]
    assert edition.approvers == APPROVED
    assert edition.answers == [{"kind": "finding", "citation": "Child E, 2016"}]
    assert edition.check_question == "Within how many days?"
    assert edition.check_answers == [
        {"text": "Five", "is_right": True},
        {"text": "Ten", "is_right": False},
    ]
    assert "<p>Because.</p>" in edition.html
    assert page.edition_in_force == edition
    event = Event.objects.about(edition).get()
    assert (event.action, event.by_person) == ("edition.issued", by.pk)
    assert event.now == {
        "number": 1, "is_major": True, "sha256": edition.sha256, "page": page.pk,
        "in_force_from": "2026-04-01",
    }  # fmt: skip


def test_on_paper_every_page_says_which_version_it_is_and_when_it_was_made(client):
    parts = [("section", {"heading": f"Part {n}", "text": "<p>Words.</p>" * 60}) for n in range(3)]
    page = ProtocolPageFactory(slug="unborn", title="Unborn Baby Protocol", body=body_of(*parts))
    with time_machine.travel(dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)):
        pdfs.make()
    with time_machine.travel(dt.datetime(2026, 6, 9, 12, tzinfo=dt.UTC)):
        answer = client.get(f"{page.path_of_page}editions/1/pdf/")
    assert answer["Content-Disposition"] == 'inline; filename="unborn-version-1.pdf"'
    pages = PdfReader(io.BytesIO(answer.getvalue())).pages
    assert len(pages) > 3
    for number, sheet in enumerate(pages, 1):
        text = " ".join(sheet.extract_text().split())
        assert "Unborn Baby Protocol, version 1, in force from 1 April 2026" in text
        assert "Correct when made: 1 June 2026." in text
        assert f"Page {number} of {len(pages)}" in text
    contents = " ".join(pages[0].extract_text().split())
    assert [f"Part {n}" in contents for n in range(3)] == [True] * 3


def test_its_digest_is_of_the_record_that_anybody_may_fetch(client):
    page = ProtocolPageFactory(slug="unborn", body=with_document(document()))
    edition = page.edition_in_force
    fetched = client.get("/protocols/unborn/editions/1/record/")
    assert hashlib.sha256(fetched.content).hexdigest() == edition.sha256
    record = json.loads(fetched.content)
    assert record["html"] == edition.html
    name = edition.files.get().name
    assert record["files"] == [[name, hashlib.sha256(b"Fill me in.").hexdigest()]]


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Other"},
        {"html": ""},
        {"number": 7},
        {"page_id": None},
        {"withdrawn_reason": "No date."},
    ],
)
def test_an_edition_is_never_changed(change):
    edition = ProtocolPageFactory().edition_in_force
    before = Edition.objects.values().get()
    with pytest.raises(DatabaseError), transaction.atomic():
        Edition.objects.filter(pk=edition.pk).update(**change)
    assert Edition.objects.values().get() == before


@time_machine.travel(dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC), tick=False)
def test_an_edition_is_withdrawn_once_and_for_a_reason():
    edition = ProtocolPageFactory().edition_in_force
    with pytest.raises(editions.EditionRefused, match="Say why"):
        editions.withdraw(edition, reason=" ", by="TEST")
    editions.withdraw(edition, reason="It was wrong.", by="TEST")
    edition.refresh_from_db()
    assert edition.withdrawn_at == dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
    assert not edition.is_in_force
    with pytest.raises(editions.EditionRefused, match="already"):
        editions.withdraw(edition, reason="Again.", by="TEST")
    for change in ({"withdrawn_reason": "Another."}, {"withdrawn_at": None}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Edition.objects.update(**change)


def test_neither_an_edition_nor_its_files_are_ever_deleted():
    page = ProtocolPageFactory(body=with_document(document()))
    for kept in (page.editions, EditionFile.objects):
        with pytest.raises(DatabaseError), transaction.atomic():
            kept.all()._raw_delete("default")
    with pytest.raises(DatabaseError), transaction.atomic():
        EditionFile.objects.update(name="other.txt")
    with pytest.raises(ProtectedError), transaction.atomic():
        ProtocolPage.objects.get(pk=page.pk).delete()
    assert (page.editions.count(), EditionFile.objects.count()) == (1, 1)


def test_the_triggers_are_put_back_after_every_migration():
    page = ProtocolPageFactory()
    with connection.cursor() as cursor:
        for statement in dropping():
            cursor.execute(statement)
    Edition.objects.update(title="Changed while nobody watched")
    call_command("migrate", verbosity=0)
    with pytest.raises(DatabaseError), transaction.atomic():
        Edition.objects.update(title="Changed again")
    with pytest.raises(DatabaseError), transaction.atomic():
        Edition.objects.all()._raw_delete("default")
    assert page.editions.get().title == "Changed while nobody watched"


def dropping():
    for model in (Edition, EditionFile):
        table = model._meta.db_table
        if connection.vendor == "sqlite":
            yield f"DROP TRIGGER {table}_no_update"
            yield f"DROP TRIGGER {table}_no_delete"
        else:
            yield f"DROP TRIGGER {table}_no_change ON {table}"


def test_a_new_edition_follows_and_the_old_one_reads_as_it_did(client):
    page = ProtocolPageFactory(slug="unborn", title="Unborn Baby Protocol")
    first = client.get("/protocols/unborn/editions/1/")
    assert "no longer in force" not in words(first)
    issue(revised(page, title="Unborn babies", is_major=False))
    assert [(e.number, e.is_major) for e in page.editions.all()] == [(2, False), (1, True)]
    assert Edition.objects.in_force().get().number == 2
    now = words(client.get("/protocols/unborn/"))
    assert "Now this." in now
    assert "Because." not in now.split("Versions")[0]
    then = words(client.get("/protocols/unborn/editions/1/"))
    assert "Unborn Baby Protocol" in then
    assert "This version is no longer in force." in then
    assert "until version 2 followed it on 1 May 2026" in then
    assert client.get("/protocols/unborn/editions/3/").status_code == 404


def test_what_an_edition_shows_is_its_own_whatever_is_deleted(client):
    kept = document()
    page = ProtocolPageFactory(slug="unborn", body=with_document(kept))
    page.save_revision()
    before = client.get("/protocols/unborn/editions/1/").content
    mark = hashlib.sha256(b"Fill me in.").hexdigest()[:16]
    address = f"/protocols/unborn/editions/1/files/{mark}/"
    assert f'href="{address}"'.encode() in before
    page.revisions.all().delete()
    kept.file.delete()
    kept.delete()
    ProtocolPage.objects.update(summary="Gone")
    assert without_tokens(client.get("/protocols/unborn/editions/1/").content) == without_tokens(
        before
    )
    served = client.get(address)
    assert served.getvalue() == b"Fill me in."
    assert (
        served["Content-Disposition"]
        == 'attachment; filename="' + page.edition_in_force.files.get().name + '"'
    )
    assert client.get(address.replace(mark, mark[:-1])).status_code == 404


def without_tokens(content):
    page = BeautifulSoup(content, "html.parser")
    for element in page.select("[name=csrfmiddlewaretoken]"):
        element.decompose()
    return str(page)


def test_two_documents_of_one_name_are_two_files():
    one, other = document(content=b"One"), document(content=b"Other")
    text = f'<p><a linktype="document" id="{other.pk}">other</a></p>'
    page = ProtocolPageFactory(
        body=body_of(
            ("download", {"title": "One", "document": one.pk, "about": ""}),
            ("section", {"heading": "More", "text": text}),
        )
    )
    files = page.edition_in_force.files
    assert len({file.name for file in files.all()}) == 2
    assert {copies.read(file) for file in files.all()} == {b"One", b"Other"}


def saved(page):
    page.save()
    return page


def test_a_document_that_is_private_or_gone_is_not_made_public_by_an_edition():
    private = Collection.get_first_root_node().add_child(name="Private")
    CollectionViewRestriction.objects.create(collection=private, restriction_type="login")
    page = ProtocolPageFactory(edition=None, body=with_document(document(collection=private)))
    with pytest.raises(editions.EditionRefused, match="‘form.*txt’ is in a private collection"):
        issue(page)
    gone = document("gone.txt")
    page.body = with_document(gone)
    gone.file.storage.delete(gone.file.name)
    with pytest.raises(editions.EditionRefused, match="‘gone.*txt’ is not here any more"):
        issue(page)
    gone.delete()
    with pytest.raises(editions.EditionRefused, match="‘the-form’ is not here any more"):
        issue(ProtocolPage.objects.get(pk=saved(page).pk))
    assert not Edition.objects.exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"reason": " "}, "Say what has changed, and why."),
        ({"reason": "The first version."}, "what it says now is of version 1."),
        ({"next_review_on": None}, "Give a day for its next review"),
        ({"next_review_on": dt.date(2026, 5, 20)}, "Give a day for its next review"),
        ({"in_force_from": dt.date(2026, 6, 2)}, "and is published on that day."),
        ({"in_force_from": dt.date(2026, 3, 1)}, "cannot be in force before version 1 was."),
        ({"in_force_from": APRIL}, "Say from which day it is in force"),
        ({"check_question": "Why?"}, "at least two answers, of which one is right."),
    ],
)
@time_machine.travel(dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC))
def test_without_its_facts_there_is_no_edition(change, sentence):
    page = ProtocolPageFactory()
    with pytest.raises(editions.EditionRefused, match=sentence):
        issue(revised(page, **change))
    assert page.editions.count() == 1


def test_without_an_owner_or_an_approval_there_is_no_edition():
    page = ProtocolPageFactory(owners=[], edition=None)
    page.approvers.create(agency=AgencyFactory(name="City Midwifery"))
    with pytest.raises(editions.EditionRefused) as refused:
        issue(page, approved_by=None)
    assert str(refused.value) == (
        "It cannot be put in force yet. Name the agency that owns it. Author has not approved this"
        " text. Policy lead has not approved this text. Case Review Committee chair has not"
        " approved this text. City Midwifery has not approved this text."
    )
    page.approvers = []
    page.get_workflow().delete()
    with pytest.raises(editions.EditionRefused, match="Nobody has approved it"):
        issue(page, approved_by=None)


def test_without_what_it_answers_there_is_no_edition():
    page = ProtocolPageFactory()
    page.answers = []
    with pytest.raises(editions.EditionRefused, match="Say what it answers: a finding, guidance"):
        issue(revised(page))


def test_what_is_in_force_is_not_issued_again():
    page = ProtocolPageFactory()
    first = page.edition_in_force
    assert issue(page) == first
    assert page.editions.count() == 1
    # Replacing a file behind an unchanged text is a change.
    kept = document()
    second = issue(revised(page, body=with_document(kept)))
    kept.file.save(kept.filename, ContentFile(b"Another form."))
    with pytest.raises(editions.EditionRefused, match="Say what has changed"):
        issue(page)
    assert page.editions.first() == second


def test_the_first_number_may_be_another_where_there_were_versions_elsewhere():
    page = ProtocolPageFactory(numbered_from=4)
    issue(revised(page))
    assert [edition.label for edition in page.editions.all()] == ["Version 5", "Version 4"]


@pytest.mark.parametrize(
    ("label", "number"),
    [("Version 4", 4), ("Version 4.2", 1), ("2024 edition", 1), ("0", 1)],
)
def test_what_was_live_before_is_taken_over_once(label, number):
    page = ProtocolPageFactory(edition=None, edition_label=label, next_review_on=None, reason="")
    never_public = ProtocolPageFactory(edition=None, edition_label=label, live=False)
    copied = ProtocolPageFactory(edition=None)
    backfill()
    backfill()
    edition = Edition.objects.get()
    assert (edition.page, edition.number, edition.approvers) == (page, number, [])
    assert edition.reason == f"Taken over as it was published: {label}."
    assert page.edition_in_force == edition
    assert never_public.edition_in_force is copied.edition_in_force is None


def test_a_withdrawn_edition_says_so_and_no_older_one_comes_back(client):
    page = ProtocolPageFactory(slug="unborn", title="Unborn Baby Protocol")
    second = issue(revised(page))
    editions.withdraw(second, reason="A figure was wrong.", by="TEST")
    assert not Edition.objects.in_force().exists()
    said = words(client.get("/protocols/unborn/"))
    assert "Version 2 was withdrawn" in said
    assert "A figure was wrong. No version is in force at present." in said
    assert "Unborn Baby Protocol" not in words(client.get("/protocols/"))
    third = issue(revised(page, reason="Put right.", in_force_from=dt.date(2026, 5, 2)))
    assert Edition.objects.in_force().get() == third
