"""Write the demonstration's pages, only into a site without protocols."""

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from agencies.models import Agency, Sector
from home.demonstration import content_early_help as early_help
from home.demonstration import content_pages as pages
from home.demonstration import content_protocols as short
from home.demonstration import content_unborn_baby as unborn_baby
from home.demonstration import editions
from home.demonstration.content_thresholds import make_thresholds
from home.demonstration.pictures import with_picture
from home.models import HomePage, StandardPage
from protocols.indicators.block import ProtocolBody
from protocols.models import ProtocolIndexPage, ProtocolOwner, ProtocolPage, Topic

SECTOR = "Boards and partnerships"
PORTSMOUTH = "Portsmouth Safeguarding Children Board"
CHILDRENS_TRUST = "Portsmouth Children’s Trust"
FOUR_BOARDS = [
    PORTSMOUTH,
    "Hampshire Safeguarding Children Board",
    "Southampton Safeguarding Children Board",
    "Isle of Wight Safeguarding Children Board",
]

# Each topic with its subtopics.
TOPICS = {
    "Early help": ["Stepping up and stepping down"],
    "Thresholds and referral": ["Indicators of need"],
    "Unborn babies": ["Concealed pregnancy"],
    "Domestic abuse": [],
    "Neglect": [],
    "Parental mental health and substance use": [],
    "Working together": ["Information sharing", "Professional disagreement", "Supervision"],
}

# title, slug, reference, version, months in force, owners, topics, summary, body
PROTOCOLS = [
    (
        "Early Help Protocol", "early-help", "EHP", 4, 7, [PORTSMOUTH, CHILDRENS_TRUST],
        ["Early help", "Stepping up and stepping down", "Neglect"],
        early_help.SUMMARY, early_help.BODY,
    ),
    (
        "Unborn Baby Protocol", "unborn-baby", "UBP", 3, 5, FOUR_BOARDS,
        ["Unborn babies", "Concealed pregnancy"], unborn_baby.SUMMARY, unborn_baby.BODY,
    ),
    (
        "Thresholds and indicators of need", "thresholds-and-indicators-of-need", "THR",
        5, 10, [PORTSMOUTH], ["Thresholds and referral", "Indicators of need", "Neglect"],
        "Which level of help fits a child’s needs, and words to describe a concern that every agency"
        " understands in the same way.", short.THRESHOLDS,
    ),
    (
        "Domestic abuse and children", "domestic-abuse", "DAG", 3, 11, FOUR_BOARDS,
        ["Domestic abuse", "Parental mental health and substance use"],
        "How to recognise domestic abuse, assess what it does to each child, and decide together.",
        short.DOMESTIC_ABUSE,
    ),
    (
        "Professional disagreement and escalation", "professional-disagreement", "ESC", 2,
        14, [PORTSMOUTH], ["Professional disagreement"],
        "What to do when professionals disagree about what a child needs, from a first conversation"
        " to the board’s chair.", short.ESCALATION,
    ),
    (
        "Supervision standard", "supervision", "SUP", 2, 9, [PORTSMOUTH], ["Supervision"],
        "What supervision every agency gives to staff who work with children and families, and how"
        " often.", short.SUPERVISION,
    ),
    (
        "Information sharing", "information-sharing", "INF", 3, 16,
        [PORTSMOUTH, CHILDRENS_TRUST], ["Information sharing"],
        "What to share about children and adults, when, with whom, and how to record it.",
        short.INFORMATION_SHARING,
    ),
]  # fmt: skip

PAGES = [
    ("What we promised and what we did", "our-response", True,
     pages.RESPONSE_INTRODUCTION, pages.RESPONSE),
    ("Contact us", "contact", True, pages.CONTACT_INTRODUCTION, pages.CONTACT),
    ("Accessibility statement", "accessibility", False,
     pages.ACCESSIBILITY_INTRODUCTION, pages.ACCESSIBILITY),
    ("Privacy", "privacy", False, pages.PRIVACY_INTRODUCTION, pages.PRIVACY),
]  # fmt: skip


def agency_named(name: str) -> Agency:
    sector, _ = Sector.objects.get_or_create(name=SECTOR, defaults={"position": 90})
    return Agency.objects.get_or_create(name=name, defaults={"sector": sector})[0]


@transaction.atomic
def make_pages(*, by=None, agency=agency_named, today: dt.date | None = None) -> None:
    """Write a board's pages. `agency` finds or makes an owner by its name.

    Does nothing where there is a protocol already.
    """
    if ProtocolPage.objects.exists():
        return
    today = today or timezone.localdate()
    front_door(by)
    topics = make_topics()
    make_thresholds(by=by or "DEMONSTRATION", starts_on=first_of_month(today, 10))
    for protocol in PROTOCOLS:
        make_protocol(protocol, topics=topics, agency=agency, today=today, by=by)
    for page in PAGES:
        make_standard_page(page, by=by)


def front_door(by):
    home = HomePage.objects.get()
    home.hero = "Learn together. Keep children safe."
    home.introduction = (
        "Protocols and training for everybody who works with children, young people and families in"
        " Portsmouth: health, police, council, schools and the voluntary sector."
    )
    publish(home, by)
    index = ProtocolIndexPage.objects.get()
    index.introduction = (
        "What agencies have agreed to do, and who agreed it. This is always the version in force."
    )
    publish(index, by)


def make_topics() -> dict[str, Topic]:
    topics = {}
    for name, narrower in TOPICS.items():
        topics[name] = make_topic(name, None)
        topics |= {child: make_topic(child, topics[name]) for child in narrower}
    return topics


def make_topic(name, parent):
    return Topic.objects.get_or_create(
        slug=slugify(name), defaults={"name": name, "parent": parent}
    )[0]


def make_protocol(protocol, *, topics, agency, today, by):
    title, slug, reference, version, months, owners, about, summary, body = protocol
    in_force_from = first_of_month(today, months)
    page = ProtocolPage(
        title=title,
        slug=slug,
        reference=reference,
        numbered_from=version,
        in_force_from=in_force_from,
        next_review_on=in_force_from.replace(year=in_force_from.year + 2),
        summary=summary,
        body=stream(body),
    )
    page.owners = [
        ProtocolOwner(agency=agency(name), sort_order=n) for n, name in enumerate(owners)
    ]
    page.topics = [topics[name] for name in about]
    ProtocolIndexPage.objects.get().add_child(instance=page)
    editions.issue(page, by=by)


def make_standard_page(page, *, by):
    title, slug, in_menus, introduction, body = page
    standard = StandardPage.objects.filter(slug=slug).first()
    if not standard:
        standard = StandardPage(title=title, slug=slug)
        HomePage.objects.get().add_child(instance=standard)
    standard.introduction, standard.body = introduction, stream(body)
    standard.show_in_menus = in_menus
    publish(standard, by)


def publish(page, by):
    page.save_revision(user=by).publish(user=by)


def stream(parts):
    """Build a body as an editor would have saved it: cleaned, with anchors."""
    body = ProtocolBody()
    parts = [
        {"type": kind, "value": with_picture(value) if kind == "picture" else value}
        for kind, value in parts
    ]
    return body.clean(body.to_python(parts))


def first_of_month(day: dt.date, months_ago: int) -> dt.date:
    months = day.year * 12 + day.month - 1 - months_ago
    return dt.date(months // 12, months % 12 + 1, 1)
