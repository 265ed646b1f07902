"""Define what is searchable: protocols, courses, pages, their documents, indicators.

Each source lists the ids of its public records with everything that their words depend on
(`stamps`), fetches some records (`records`), and builds a record's entries (`findables`).
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import PurePath
from typing import Any, NamedTuple
from urllib.parse import unquote

from bs4 import BeautifulSoup
from django.conf import settings
from django.db.models import QuerySet, TextField
from django.db.models.fields.files import FieldFile
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from wagtail.models import Page
from wagtail.rich_text import expand_db_html

from courses.models import Course
from home import search_files
from home.models import StandardPage
from home.search_models import Findable, documents_for_all
from lms import formatting
from protocols.drafts import copies
from protocols.models import Edition, EditionFile, Indicator

Kind = Findable.Kind
DOCUMENT = re.compile(rf"(?:{re.escape(settings.SITE_URL)})?/documents/(?P<pk>\d+)/(?P<name>[^/]+)")
BLOCKS = ["dd", "dt", "figcaption", "h2", "h3", "h4", "li", "p", "td", "th"]


class Place(NamedTuple):
    """A page without a record behind it."""

    pk: int
    route: str
    title: str
    summary: str
    keywords: str


PLACES = [
    Place(
        1,
        "protocols:thresholds",
        "Indicators of need",
        "Signs of what a child needs, by level and by side of a child’s life.",
        "thresholds document, tiers, early help assessment",
    ),
    Place(
        2,
        "protocols:describe",
        "Describe your concern",
        "Choose what you have seen, and get words to use in a referral or an assessment.",
        "thresholds, early help assessment, wording",
    ),
    Place(
        3,
        "certificates:check",
        "Check a certificate",
        "Enter the code of a certificate to see whether it is valid.",
        "verify, verification, training",
    ),
]


def digest(facts: Any) -> str:
    return hashlib.md5(repr(facts).encode(), usedforsecurity=False).hexdigest()


class Protocols:
    name = "edition"

    def stamps(self) -> Iterator[tuple]:
        """Yield editions with their URL: an edition itself never changes."""
        editions = Edition.objects.in_force().filter(page__in=public_pages())
        yield from editions.values_list("pk", "page__url_path")

    def records(self, pks: Iterable[int]) -> QuerySet[Edition]:
        editions = Edition.objects.filter(pk__in=pks)
        return editions.select_related("page").prefetch_related("files")

    def findables(self, edition: Edition) -> Iterator[Findable]:
        owners = ", ".join(owner["name"] for owner in edition.owners)
        topics = [topic["name"] for topic in edition.data["topics"]]
        protocol = Findable(
            kind=Kind.PROTOCOL,
            address=edition.page.path_of_page,
            title=edition.title,
            facts=f"{edition.label}, in force from {formatting.day(edition.in_force_from)}",
            summary=edition.summary,
            keywords=" ".join([edition.reference, *topics]),
            page=edition.page_id,
            edition=edition.pk,
        )
        files = {file.get_absolute_url(): file for file in edition.files.all()}
        html = edition.html + format_html("<p>Owned by {}.</p>", owners)
        return with_documents(protocol, html, files)


class Courses:
    name = "course"

    def stamps(self) -> Iterator[tuple]:
        topics, documents = topics_of(Course), documents_now()
        courses = Course.objects.offered().filter(page__in=public_pages())
        for pk, *facts in courses.values_list(
            "pk", "title", "code", "summary", "audience", "outcomes", "kind", "format",
            "level__name", "page__url_path", "page__body",
        ):  # fmt: skip
            yield pk, facts, topics[pk], documents

    def records(self, pks: Iterable[int]) -> QuerySet[Course]:
        courses = Course.objects.filter(pk__in=pks).select_related("page", "level")
        return courses.prefetch_related("topics")

    def findables(self, course: Course) -> Iterator[Findable]:
        topics = [topic.name for topic in course.topics.all()]
        findable = Findable(
            kind=Kind.COURSE,
            address=path_of(course.page),
            title=course.title,
            facts=course.format_label,
            summary=course.summary,
            keywords=" ".join([course.code, *topics, str(course.level or "")]),
            page=course.page.pk,
        )
        said = [course.audience, *course.outcome_list]
        html = format_html_join("", "<p>{}</p>", ((each,) for each in said))
        return with_documents(findable, html + expand_db_html(course.page.body))


class StandingPages:
    name = "page"

    def stamps(self) -> Iterator[tuple]:
        documents = documents_now()
        pages = StandardPage.objects.live().public().annotate(written=Cast("body", TextField()))
        for facts in pages.values_list("pk", "title", "introduction", "url_path", "written"):
            yield *facts, documents

    def records(self, pks: Iterable[int]) -> QuerySet[StandardPage]:
        return StandardPage.objects.filter(pk__in=pks)

    def findables(self, page: StandardPage) -> Iterator[Findable]:
        findable = Findable(
            kind=Kind.PAGE,
            address=path_of(page),
            title=page.title,
            summary=page.introduction,
            page=page.pk,
        )
        return with_documents(findable, page.body.render_as_block())


class Indicators:
    name = "indicator"

    def stamps(self) -> Iterator[tuple]:
        topics = topics_of(Indicator)
        indicators = Indicator.objects.on(timezone.localdate())
        for pk, *facts in indicators.values_list(
            "pk", "text", "tier__name", "domain__name", "age_group__name"
        ):
            yield pk, facts, topics[pk]

    def records(self, pks: Iterable[int]) -> QuerySet[Indicator]:
        indicators = Indicator.objects.filter(pk__in=pks).prefetch_related("topics")
        return indicators.select_related("tier", "domain", "age_group")

    def findables(self, indicator: Indicator) -> Iterator[Findable]:
        where = [indicator.tier.name, indicator.domain.name]
        where += [indicator.age_group.name] if indicator.age_group else []
        yield Findable(
            kind=Kind.INDICATOR,
            address=indicator.get_absolute_url(),
            title=indicator.text,
            facts=", ".join(where),
            keywords=" ".join(topic.name for topic in indicator.topics.all()),
            indicator=indicator.pk,
        )


class Places:
    name = "place"

    def stamps(self) -> Iterator[tuple]:
        yield from ((place.pk, place) for place in PLACES)

    def records(self, pks: Iterable[int]) -> list[Place]:
        return [place for place in PLACES if place.pk in pks]

    def findables(self, place: Place) -> Iterator[Findable]:
        yield Findable(
            kind=Kind.PAGE,
            address=reverse(place.route),
            title=place.title,
            summary=place.summary,
            keywords=place.keywords,
        )


SOURCES: list[Any] = [Protocols(), Courses(), StandingPages(), Indicators(), Places()]


def with_documents(
    findable: Findable, html: str, files: dict[str, EditionFile] | None = None
) -> Iterator[Findable]:
    """Yield the findable with this text, then each document or own file that it links to."""
    soup = BeautifulSoup(html, "html.parser")
    findable.text = sentences_of(soup)
    yield findable
    for address, link in {str(link["href"]): link for link in soup.select("a[href]")}.items():
        if kept := (files or {}).get(address):
            number, name, read_of = None, kept.name, ""
            text = search_files.text_of(name, partial(copies.read, kept))
        elif ours := DOCUMENT.fullmatch(address):
            number, name = int(ours["pk"]), unquote(ours["name"])
            text, read_of = _text_of(number)
        else:
            continue
        yield Findable(
            kind=Kind.DOCUMENT,
            address=address,
            title=(" ".join(link.get_text(" ").split()) or name)[:400],
            facts=f"{PurePath(name).suffix[1:].upper()}, from {findable.title}"[:400],
            keywords=name,
            text=text,
            read_of=read_of,
            page=findable.page,
            edition=findable.edition,
            document=number,
        )


def _text_of(number: int) -> tuple[str, str]:
    """Return a public document's text and file digest; empty for others, to suggest none of theirs.

    Reuses the text extracted before from the same file, as any changed document reindexes pages.
    """
    document = documents_for_all().filter(pk=number).first()
    if not document:
        return "", ""
    read = Findable.objects.exclude(read_of="").filter(document=number, read_of=document.file_hash)
    if (text := read.values_list("text", flat=True).first()) is None:
        text = search_files.text_of(document.filename, partial(_read, document.file))
    return text, document.file_hash if text else ""


def _read(file: FieldFile) -> bytes:
    with file.open("rb") as opened:
        return opened.read()


def sentences_of(soup: BeautifulSoup) -> str:
    """Return the text in one line, with full stops after headings and list items."""
    for block in reversed(soup.find_all(BLOCKS)):
        if not block.get_text().rstrip().endswith((".", "?", "!", ":", ";")):
            block.append(".")
    words = " ".join(soup.get_text(" ").split())
    return re.sub(r" (?=[.,;:!?](?: |$))", "", words)


def public_pages():
    return Page.objects.live().public().values("pk")


def path_of(page: Page) -> str:
    parts = page.get_url_parts()
    return parts[2] if parts else page.url_path


def topics_of(model: type[Course] | type[Indicator]) -> dict[int, list[str]]:
    """Return the names of the topics of each record, by id."""
    found = defaultdict(list)
    through = model.topics.through.objects
    for pk, name in through.order_by("topic__name").values_list(
        model.__name__.lower(), "topic__name"
    ):
        found[pk].append(name)
    return found


def documents_now() -> str:
    """Digest all public documents: changes with any file, and with who may read which."""
    documents = documents_for_all().order_by("pk")
    return digest(list(documents.values_list("pk", "file", "file_hash")))
