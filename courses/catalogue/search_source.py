"""Let the site search find the courses that are offered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models import QuerySet
from django.utils.html import format_html_join
from wagtail.rich_text import expand_db_html

from courses.models import Course
from search.content import documents_now, labels_of, path_of, public_pages, with_linked_documents
from search.models import SearchDocument
from search.sources import Kind, Source


class Courses(Source):
    name = "course"
    kind = Kind(2, "course", "Course", "Courses", "purple")

    def stamps(self) -> Iterator[tuple]:
        topics = labels_of(Course.topics.through, "course", "topic__name")
        documents = documents_now()
        courses = Course.objects.offered().filter(page__in=public_pages())
        for pk, *facts in courses.values_list(
            "pk", "title", "code", "summary", "audience", "outcomes", "kind", "format",
            "level__name", "provider", "page__url_path", "page__body",
        ):  # fmt: skip
            yield pk, facts, topics[pk], documents

    def records(self, pks: Iterable[int]) -> QuerySet[Course]:
        courses = Course.objects.filter(pk__in=pks).select_related("page", "level")
        return courses.prefetch_related("topics")

    def documents(self, course: Course) -> Iterator[SearchDocument]:
        topics = [topic.name for topic in course.topics.all()]
        document = SearchDocument(
            address=path_of(course.page),
            title=course.title,
            facts=course.format_label,
            summary=course.summary,
            keywords=" ".join([course.code, *topics, str(course.level or ""), course.provider]),
            page=course.page.pk,
        )
        said = [course.audience, *course.outcome_list]
        html = format_html_join("", "<p>{}</p>", ((each,) for each in said))
        return with_linked_documents(document, html + expand_db_html(course.page.body))
