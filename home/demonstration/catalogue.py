"""Make the demonstration's courses and venues."""

from decimal import Decimal

from django.utils.text import slugify

from courses.models import Course, CourseIndexPage, CoursePage, Level, Venue
from home.models import HomePage
from protocols.models import ProtocolPage, Topic

LEVELS = ["Everybody", "Working with children", "Leading and supervising"]

# code, title, level, format, hours, dates a year, refresh after months, topics, protocols taught,
# prerequisites, summary, audience, outcomes
COURSES = [
    (
        "WT", "Working together to safeguard children", 1, "classroom", "6", 12, 36,
        ["Working together", "Information sharing"], ["information-sharing"], [],
        "What each agency does when a child may need help, and how to do it together.",
        "Anyone whose work brings them into regular contact with children, parents or carers.",
        "Recognise when a child may need help\nShare information lawfully and in time"
        "\nSay what other agencies do, and how to reach them"
        "\nTake part in a multi-agency meeting and its plan",
    ),
    (
        "SUP", "Supervision", 2, "classroom", "6", 5, 24, ["Supervision"], ["supervision"], ["WT"],
        "Reflective supervision that keeps the child in view and staff supported.",
        "Anyone who supervises staff working with children and families, in any agency.",
        "Give supervision that is regular, recorded and reflective"
        "\nChallenge drift, and over-optimism about a family"
        "\nNotice what the work does to the worker\nAgree when and how to escalate",
    ),
    (
        "UNB", "Concealed pregnancy and the unborn baby", 1, "classroom", "3", 6, 36,
        ["Unborn babies", "Concealed pregnancy"], ["unborn-baby"], ["WT"],
        "Why concealment matters, what to ask, and what happens after a referral.",
        "Midwives, health visitors, GPs, social workers, early help and hospital staff.",
        "Recognise a late-booked or concealed pregnancy\nAsk about it kindly and record the answer"
        "\nMake a referral that a social worker can act on"
        "\nPlay your part in the plan before the birth",
    ),
    (
        "EHS", "Early Help: stepping up and stepping down", 1, "online", "3", 8, 36,
        ["Early help", "Stepping up and stepping down"], ["early-help"], [],
        "When to start an Early Help Assessment, and how a family moves between levels of help.",
        "Anyone who may be the first to notice that a family needs support.",
        "Begin an Early Help Assessment with a family\nBring the right people round the family"
        "\nDecide with others when to step up, and when to step down"
        "\nHand over so that nobody falls between services",
    ),
    (
        "IND", "Using the indicators of need", 0, "briefing", "1.5", 14, None,
        ["Indicators of need", "Thresholds and referral"],
        ["thresholds-and-indicators-of-need"], [],
        "How to use the indicators of need to describe what worries you about a child.",
        "Everybody who may make or receive a referral.",
        "Find the indicators that fit what you have seen"
        "\nDescribe a concern in words that every agency understands",
    ),
    (
        "DA", "Impact of domestic abuse on children", 1, "classroom", "6", 6, 36,
        ["Domestic abuse"], ["domestic-abuse"], ["WT"],
        "What living with domestic abuse does to children, and how to reduce the risk together.",
        "Practitioners who work with children, or with adults who are parents.",
        "Recognise coercive and controlling behaviour\nAssess what it does to each child"
        "\nConsider both adults’ histories\nAgree a plan that does not depend on the victim alone",
    ),
    (
        "PMH", "Parental mental health and substance use", 1, "classroom", "6", 4, 36,
        ["Parental mental health and substance use"], ["information-sharing"], ["WT"],
        "Seeing the child when the worry seems to be about the adult.",
        "Staff of services for adults and for children.",
        "Ask adults about the children in their lives\nJudge the effect on parenting, day to day"
        "\nJoin up services for adults and for children",
    ),
    (
        "NEG", "Recognising and responding to neglect", 1, "classroom", "6", 5, 36,
        ["Neglect"], ["early-help", "thresholds-and-indicators-of-need"], ["WT"],
        "Putting a pattern into words before it becomes normal.",
        "Anyone who visits homes, teaches, treats or looks after children.",
        "Recognise neglect at every age\nKeep a chronology that shows the pattern"
        "\nChoose the help that fits, and check that it works",
    ),
    (
        "ESC", "Professional disagreement: how to challenge well", 2, "online", "2", 4, None,
        ["Professional disagreement"], ["professional-disagreement"], [],
        "How to disagree about a child’s needs, and what to do when it is not resolved.",
        "Practitioners and their managers in all agencies.",
        "Raise a disagreement early and respectfully\nUse each step of escalation in time"
        "\nRecord what was decided and why",
    ),
    (
        "INF", "Sharing information with confidence", 0, "online", "2", 6, 36,
        ["Information sharing"], ["information-sharing"], [],
        "What to share, with whom, and what to write down.",
        "Everybody who holds information about children or their parents.",
        "Decide what may and must be shared\nExplain it to a family\nRecord the decision",
    ),
    (
        "REF", "Writing a referral that can be acted on", 1, "online", "2", 6, None,
        ["Thresholds and referral"], ["thresholds-and-indicators-of-need"], ["IND"],
        "From a worry to a clear account of what was seen, heard and said.",
        "Anyone who contacts the multi-agency safeguarding hub.",
        "Set out facts, opinion and what the family says\nUse the indicators of need"
        "\nSay what you ask for, and what you have tried",
    ),
    (
        "CPC", "Taking part in a child protection conference", 1, "classroom", "3", 4, 36,
        ["Working together"], ["information-sharing", "professional-disagreement"], ["WT"],
        "Preparing a report, speaking at a conference, and working in the core group.",
        "Anyone who is invited to a conference or is a member of a core group.",
        "Write a report for the conference\nSay plainly what you think the risks are"
        "\nKeep a core group to its plan",
    ),
    (
        "LEAD", "Designated safeguarding leads: network morning", 2, "briefing", "3", 6, None,
        ["Working together", "Supervision"], ["supervision"], [],
        "What has changed, what was learned from reviews and audits, and time to compare notes.",
        "Designated safeguarding leads of schools, settings and the voluntary sector.",
        "Name what has changed in local practice\nTake one lesson back to your own agency",
    ),
    (
        "FATH", "Seeing fathers and other men in the household", 1, "online", "2", 4, None,
        ["Working together", "Domestic abuse"], ["domestic-abuse", "unborn-baby"], [],
        "Finding out who is in a child’s life, and working with all of them.",
        "Practitioners who work with families, before and after a birth.",
        "Ask who is in the household and who cares for the child"
        "\nWork with fathers from the start\nWeigh risk and support fairly",
    ),
]  # fmt: skip

VENUES = [
    (
        "Harbour House, Room 2", "14 Example Street\nPortsmouth",
        "Ten minutes on foot from the station. No parking at the building; use the Example Street"
        " car park.",
        "Step-free from the street. Lift to all floors. Hearing loop. Accessible toilet beside"
        " Room 2.",
    ),
    (
        "St Aldhelm’s Church Hall", "Sampler Road\nPortsmouth",
        "Buses 3 and 17 stop outside. Some free parking.",
        "One shallow step with a ramp at the side door. Accessible toilet. No hearing loop.",
    ),
    (
        "Camber Training Centre", "Dock Lane\nPortsmouth",
        "Free parking for 40 cars. Cycle stands.",
        "All on the ground floor. Hearing loop. Accessible toilet.",
    ),
]  # fmt: skip


def make_catalogue(*, by) -> list[Course]:
    """Create the courses with their pages, levels and venues."""
    levels = [Level.objects.create(name=name, position=at) for at, name in enumerate(LEVELS)]
    for name, address, travel, step_free in VENUES:
        Venue.objects.create(name=name, address=address, travel=travel, access=step_free)
    index = CourseIndexPage.objects.child_of(HomePage.objects.get()).get()
    index.intro = (
        "<p>Multi-agency courses are free for most partners. Choose a date, say where you work, and"
        " your place is confirmed at once while there is room.</p>"
    )
    index.save_revision(user=by).publish()
    return [make_course(row, levels=levels, index=index, by=by) for row in COURSES]


def make_course(row, *, levels, index, by) -> Course:
    code, title, level, format, hours, dates, refresh, topics, protocols, first = row[:10]
    kind = Course.Kind.BRIEFING if format == "briefing" else Course.Kind.TAUGHT
    course = Course.objects.create(
        kind=kind,
        code=code,
        title=title,
        level=levels[level],
        format="" if format == "briefing" else format,
        hours=Decimal(hours),
        runs_a_year_intended=dates,
        renewal_months=refresh,
        summary=row[10],
        audience=row[11],
        outcomes=row[12],
    )
    course.topics.set(Topic.objects.filter(name__in=topics))
    course.protocols_taught.set(ProtocolPage.objects.filter(slug__in=protocols))
    course.prerequisites.set(Course.objects.filter(code__in=first))
    page = index.add_child(instance=CoursePage(title=title, slug=slugify(title), course=course))
    page.save_revision(user=by).publish()
    return course
