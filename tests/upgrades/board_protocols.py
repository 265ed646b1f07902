"""Make the fixture's protocols: editions with files, one withdrawn, and their readers."""

import datetime as dt

from django.core.files.base import ContentFile
from django.utils import timezone
from wagtail.documents import get_document_model

from agencies.models import Agency
from home.demonstration.partnership import BOARD
from lms.models import Link
from protocols import alerts, dissemination, reading, reviewing, revising
from protocols.models import Approver, CheckAnswer, Edition, ProtocolPage, ReviewNotice, Topic
from tests.factories import (
    APPROVED,
    ImageFactory,
    ProtocolPageFactory,
    StandardPageFactory,
    body_of,
    picture_of,
)

SLUG = "marks-on-babies"


def make_first_versions(editor):
    """Issue two versions with pictures and documents, and subscribe readers to the next."""
    board = Agency.objects.get(name=BOARD)
    topic = Topic.objects.get(slug="neglect")
    page = ProtocolPageFactory(
        title="Marks on babies who cannot move by themselves",
        slug=SLUG,
        reference="MOB",
        owners=[board],
        topics=[topic],
        body=body_of(*parts("What to do first", document("Body map", b"A body map.\n"))),
        check_question="Who is rung first?",
        edition=None,
    )
    page.approvers = [Approver(agency=board, sort_order=0)]
    page.check_answers = [
        CheckAnswer(text="The hub", is_right=True, sort_order=0),
        CheckAnswer(text="Nobody", is_right=False, sort_order=1),
    ]
    page.save()
    issue(page, editor, "The first version.", dt.date(2026, 4, 1))
    page.body = body_of(*parts("What to do first, and by when", document("Body map", b"Larger.\n")))
    page.is_major = False
    issue(page, editor, "By when is said too.", dt.date(2026, 9, 1))
    for asked in ({"page": page}, {"topic": topic}):
        alerts.subscribe("reader@elsewhere.example.org", **asked)
    alerts.subscribe("never-confirmed@elsewhere.example.org", page=page)
    for link in Link.objects.filter(purpose=alerts.CONFIRMS, sent_to__startswith="reader"):
        alerts.confirm(link)


def parts(heading, download):
    image = ImageFactory(title=heading, file__width=600, file__height=300)
    return [
        ("section", {"heading": heading, "text": "<p>Ring the hub. Write it down.</p>"}),
        picture_of(image, alt_text="Ring, write down, stay."),
        ("download", {"title": "Body map", "document": download.pk, "about": "To draw on."}),
    ]


def document(title, content):
    file = ContentFile(content, f"{title.lower().replace(' ', '-')}.txt")
    return get_document_model().objects.create(title=title, file=file)


def issue(page, editor, reason, day):
    page.reason, page.in_force_from = reason, day
    edition = revising.issue_edition(page, by=editor, approved_by=APPROVED)
    page.save_revision(user=editor).publish(user=editor)
    return edition


def make_next_versions(editor, lead):
    """Issue a third version that is sent, confirmed by readers and reviewed; withdraw another's."""
    page = ProtocolPage.objects.get(slug=SLUG)
    first = page.edition_in_force
    reading.acknowledge(first, by=lead, answer="The hub")
    page.is_major = True
    page.title = "Marks and injuries on babies who cannot move by themselves"
    edition = issue(page, editor, "Injuries count too.", timezone.localdate())
    agency = lead.posts.first().agency
    [sent] = dissemination.send(
        edition, [agency], by=editor, message="Please.", deadline=dt.date(2026, 12, 18)
    )
    reviewing.still_right(edition, next_review_on=dt.date(2028, 4, 1), note="Read.", by=editor)
    ReviewNotice.objects.create(edition=edition, review_on=dt.date(2028, 4, 1), days=90)
    unborn = Edition.objects.in_force().get(page__slug="unborn-baby")
    url = unborn.data["elsewhere"][0]["url"]
    reviewing.check_elsewhere(unborn, url=url, is_same=False, note="The one before.", by=editor)
    holidays = ProtocolPageFactory(title="Whom to ring over the holidays", slug="holidays")
    revising.withdraw(holidays.edition_in_force, reason="The holidays are over.", by=editor)


def schedule(editor, title, moment):
    """Schedule a page to be published at this moment."""
    page = StandardPageFactory(title=title, slug="winter-dates", live=False)
    page.go_live_at = moment
    page.introduction = "When we are closed."
    page.save_revision(user=editor).publish()
