"""Do modules as learners do, for tests, and follow what becomes of their attempts."""

import datetime as dt

from elearning.learning import checking, draw, learning
from elearning.learning.followers import AttemptFollower
from elearning.models import Attempt
from tests.elearning.modules import make_issued, pool, question, single

RIGHT_AND_WRONG = {
    "single": (0, 1),
    "multiple": ([0, 1], [0]),
    "true_false": (True, False),
    "matching": ([0, 1, 2], [1, 0, 2]),
    "order": ([0, 1, 2], [1, 0, 2]),
}


def each_kind():
    """Return one question of each kind; what is right is in RIGHT_AND_WRONG."""

    def option(text, is_right):
        return {"text": text, "is_right": is_right, "feedback": f"Said of {text}."}

    pairs = [{"item": f"Item {n}", "partner": f"Partner {n}"} for n in (1, 2, 3)]
    return [
        single("Which one?", right="Alpha", wrong=("Beta", "Gamma", "Delta"), lesson="Noticing"),
        question(
            "multiple",
            "Which of these?",
            options=[option("Uno", True), option("Dos", True), option("Tres", False)],
        ),
        question("true_false", "Is it so?", is_true=True, feedback="<p>It is so.</p>"),
        question("matching", "What goes with what?", pairs=pairs),
        question("order", "In which order?", items=["First", "Second", "Third"]),
    ]


def make_of_each_kind(by, **more):
    return make_issued(by=by, pools=[pool(each_kind())], **more)


def read_all(attempt):
    """Finish every lesson."""
    for item in attempt.version.items:
        learning.finish_item(attempt, item["key"], by=attempt.person)
    attempt.refresh_from_db()
    return attempt


def begin_check(attempt):
    read_all(attempt)
    return checking.begin_check(attempt, by=attempt.person)


def answer_for(answer, is_right):
    right, wrong = RIGHT_AND_WRONG[answer.question_version.content["kind"]]
    return right if is_right else wrong


def give(attempt, position, is_right=True):
    answer = attempt.answers.select_related("question_version").get(position=position)
    given = answer_for(answer, is_right)
    return checking.give(attempt, answer.pk, given, by=attempt.person)


def take_check(attempt, right=None):
    """Read all that is left, and give so many right answers, then wrong ones."""
    attempt = begin_check(attempt)
    many = attempt.answers.count()
    for position in range(1, many + 1):
        give(attempt, position, position <= (many if right is None else right))
    return Attempt.objects.get(pk=attempt.pk)


def shown_numbers(answer, seed, given):
    """Return by field what a page posts for an answer: what is chosen, by its place on the page."""
    content = answer.question_version.content
    places = {
        n: str(at) for at, n in enumerate(draw.shown(content, seed, answer.question_version_id), 1)
    }
    kind = content["kind"]
    if kind == "multiple":
        return {"answer": [places[n] for n in given]}
    if kind == "matching":
        return {f"item{at}": places[n] for at, n in enumerate(given, 1)}
    if kind == "order":
        return {f"place{places[n]}": str(at) for at, n in enumerate(given, 1)}
    return {"answer": places[int(given)]}


class Follower(AttemptFollower):
    """Course as far as attempts know one."""

    name, order = "of-a-test", 1

    def __init__(self):
        self.done, self.refusal, self.again_on = [], "", None

    def why_not(self, module, person):
        return self.refusal

    def gives(self, module):
        return ["A certificate of half an hour"]

    def refresher_from(self, module, person) -> dt.date | None:
        return self.again_on

    def finished(self, attempt, *, by):
        self.done.append((attempt.pk, attempt.state, attempt.ended_at is not None, by))
