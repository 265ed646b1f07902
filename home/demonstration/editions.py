"""Make the demonstration's protocol versions and its drafts that wait for approval."""

import datetime as dt

from agencies.models import Agency, Person
from protocols.editions import editions
from protocols.models import ProtocolPage

# Who approves within the board.
BOARD = ["Author", "Policy lead", "Case Review Committee chair"]
AGREED_AGAIN = "Read through by its owners after a year of use, and agreed again."
A_YEAR_OF_USE = ("other", "The owners’ review, due after a year")
CHILD_E = ("finding", "Child E serious case review, recommendation on concealed pregnancy")
FOUR_BOARDS = ("guidance", "Working Together to Safeguard Children, on arrangements before birth")
THE_TEAMS = ("other", "Midwives and social workers, who told us what they could not find")
THE_TRUST = ("other", "The Children’s Trust, which asked for one way through Early Help")
# By slug: months between a version and the next, its reason, whether it is major, its sources.
EARLIER = {
    "unborn-baby": [
        (26, "The first version that the four boards agreed together.", True, [FOUR_BOARDS]),
        (9, "Concealed pregnancy is explained, and who must be told of it.", True, [CHILD_E]),
        (0, "Telephone numbers of the teams, and a clearer first step.", False, [THE_TEAMS]),
    ],
    "early-help": [
        (
            14,
            "How a family steps up and down is agreed with the Children’s Trust.",
            True,
            [THE_TRUST],
        ),
        (0, AGREED_AGAIN, True, [("audit", "Referrals to the hub, read by four agencies")]),
    ],
}
# By slug: reason of the next version, its source, text added to the summary, approvers besides
# the author, whether the demonstration's agency lead is asked.
DRAFTS = {
    "supervision": (
        "Team supervision counts too, as agencies answered in the Section 11 audit.",
        ("audit", "Section 11, what agencies answered on supervision"),
        " It says what counts as supervision in a team.",
        [],
        False,
    ),
    "domestic-abuse": (
        "What to ask about children who see or hear abuse, after an audit of cases.",
        ("audit", "Cases of domestic abuse, read by four agencies"),
        " It names who speaks with each child.",
        ["policy lead"],
        True,
    ),
    "information-sharing": (
        "How to share when somebody has died, as the national guidance now says.",
        ("guidance", "Information sharing advice for practitioners"),
        " It covers what may be shared after a death.",
        ["policy lead"],
        False,
    ),
}
ELSEWHERE = {
    "unborn-baby": ("Hampshire procedures online", "https://procedures.example.org/unborn-baby/"),
}


def issue(page: ProtocolPage, *, by) -> None:
    """Issue each version in turn, earlier ones with less text; the last is the page as it is."""
    steps = EARLIER.get(page.slug, [(0, AGREED_AGAIN, True, [A_YEAR_OF_USE])])
    whole, last_day = list(page.body), page.in_force_from
    page.numbered_from = max(page.numbered_from - len(steps) + 1, 1)
    if place := ELSEWHERE.get(page.slug):
        page.elsewhere.create(name=place[0], url=place[1], sort_order=0)
    for position, (months, reason, is_major, answers) in enumerate(steps, 1):
        left_out = len(steps) - position
        page.body = [(part.block_type, part.value) for part in whole[: len(whole) - left_out]]
        page.in_force_from = earlier(last_day, months)
        page.reason, page.is_major = reason, is_major
        page.answers = [
            page.answers.model(kind=kind, citation=citation, sort_order=n)
            for n, (kind, citation) in enumerate(answers)
        ]
        day = page.in_force_from.isoformat()
        approved_by = [{"name": name, "on": day, "agency": None} for name in BOARD]
        editions.issue_edition(page, by=by or "DEMONSTRATION", approved_by=approved_by)
    page.save_revision(user=by).publish(user=by)


def earlier(day: dt.date, months: int) -> dt.date:
    whole = day.year * 12 + day.month - 1 - months
    return dt.date(whole // 12, whole % 12 + 1, 1)


def drafts_under_approval(personas: dict[str, Person], today: dt.date) -> None:
    """Put three drafts under approval: with the policy lead, with an agency, with the chair."""
    post = personas["agency lead"].posts.first()
    for slug, (reason, answers, more, approved_by, asks_agency) in DRAFTS.items():
        page = ProtocolPage.objects.filter(slug=slug).first()
        if not page or not post:
            continue
        if asks_agency:
            page.approvers.create(agency=Agency.objects.get(pk=post.agency_id))
        page.reason, page.in_force_from = reason, today
        page.answers = [page.answers.model(kind=answers[0], citation=answers[1], sort_order=0)]
        page.next_review_on = today + dt.timedelta(days=730)
        page.summary += more
        page.save_revision(user=personas["protocol editor"])
        page.get_workflow().start(page, user=personas["protocol editor"])
        for role in approved_by:
            state = ProtocolPage.objects.get(pk=page.pk).current_workflow_task_state
            state.task.specific.on_action(state, personas[role], "approve")
