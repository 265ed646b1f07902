"""Make the demonstration's year: dates, bookings, registers, completions.

Written in bulk, as the domain functions would refuse past dates and send thousands of mails. So
it keeps their rules itself: never more than the places, nobody confirmed while others waited.
"""

import datetime as dt
import random
import uuid
from dataclasses import dataclass, field

from django.utils import timezone

from agencies.models import Person, Post
from courses.models import Booking, Completion, Course, Mark, Run, Session, Venue
from courses.rules import completion_rule

State, Kind = Booking.State, Mark.Kind
DAYS_BEHIND, DAYS_AHEAD = 300, 170
# Register marks with their percentages.
MARKS = [(Kind.PRESENT, 87), (Kind.LATE, 4), (Kind.LEFT_EARLY, 2), (Kind.APOLOGIES, 3)]
MARKS.append((Kind.ABSENT, 100 - sum(share for _, share in MARKS)))
HOURS = {
    "6.0": [(9, 30, 12, 45), (13, 30, 16, 30)],
    "3.0": [(9, 30, 12, 45)],
    "2.0": [(10, 0, 12, 0)],
}
BRIEFING = [(12, 30, 14, 0)]


@dataclass
class Year:
    """Rows collected while they are drawn, to be written in bulk."""

    chance: random.Random
    today: dt.date
    posts: list[Post]
    trainers: list[Person]
    turns: dict[Course, float] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    bookings: list[Booking] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    completions: list[Completion] = field(default_factory=list)
    teaching: list[tuple[Run, Person]] = field(default_factory=list)

    def make(self, courses: list[Course], *, runs: int, bookings: int) -> None:
        venues = list(Venue.objects.all())
        for number in range(runs):
            self.add_run(courses, venues, number / runs, self.places(bookings / runs))
        write(self.runs, self.sessions)
        sessions = {run: [] for run in self.runs}
        for session in self.sessions:
            sessions[session.run].append(session)
        for run, asked in zip(self.runs, self.shares(bookings), strict=True):
            self.add_bookings(run, asked, sessions[run])
        write(self.bookings, self.marks, self.completions)
        Run.objects.bulk_update(self.runs, ["taken"], batch_size=500)
        Run.trainers.through.objects.bulk_create(
            [Run.trainers.through(run=run, person=trainer) for run, trainer in self.teaching],
            batch_size=500,
        )

    def places(self, average: float) -> int:
        return max(8, round(average * self.chance.uniform(0.75, 1.3)))

    def add_run(self, courses, venues, share: float, places: int) -> None:
        course = self.whose_turn(courses)
        day = self.working_day(round(share * (DAYS_BEHIND + DAYS_AHEAD)) - DAYS_BEHIND)
        virtual = course.format == Course.Format.ONLINE
        run = Run(
            course=course,
            places=places,
            minimum=max(4, places // 3),
            format=course.format or Course.Format.CLASSROOM,
            venue=None if virtual else self.chance.choice(venues),
            link="https://meeting.example.org/" + course.code.lower() if virtual else "",
            joining_instructions="Bring something to write with. Tea and coffee from 15 minutes"
            " before the start; bring your own lunch."
            if not virtual
            else "Join five minutes early with your camera on. Choose a room where you will not be"
            " overheard.",
        )
        hours = HOURS.get(f"{course.hours:.1f}", BRIEFING)
        for name, (h1, m1, h2, m2) in zip(self.names(hours), hours, strict=True):
            self.sessions.append(
                Session(run=run, name=name, starts_at=at(day, h1, m1), ends_at=at(day, h2, m2))
            )
        run.starts_at, run.ends_at = self.sessions[-len(hours)].starts_at, self.sessions[-1].ends_at
        if run.ends_at < at(self.today - dt.timedelta(days=6), 0, 0):
            run.closed_at = run.ends_at + dt.timedelta(minutes=20)
        self.runs.append(run)
        self.teaching.append((run, self.trainers[len(self.runs) % len(self.trainers)]))

    def whose_turn(self, courses: list[Course]) -> Course:
        """Pick courses in turn, in proportion to the runs that each is meant to have in a year."""
        for course in courses:
            self.turns[course] = self.turns.get(course, self.chance.random()) + (
                course.runs_a_year_intended / sum(each.runs_a_year_intended for each in courses)
            )
        course = max(courses, key=lambda each: self.turns[each])
        self.turns[course] -= 1
        return course

    def names(self, hours) -> list[str]:
        return [""] if len(hours) == 1 else ["Morning", "Afternoon"]

    def working_day(self, days: int) -> dt.date:
        day = self.today + dt.timedelta(days=days)
        while (
            day.weekday() > 4 or day.month == 12 and day.day > 19 or (day.month, day.day) == (1, 1)
        ):
            day += dt.timedelta(days=1)
        return day

    def shares(self, bookings: int) -> list[int]:
        """Return the number of requests per run: near runs are fuller than distant ones."""
        weights = []
        for run in self.runs:
            ahead = (timezone.localdate(run.starts_at) - self.today).days
            nearness = 1 if ahead < 20 else max(0.15, 1 - ahead / 140)
            weights.append(run.places * nearness * self.chance.uniform(0.7, 1.15))
        shares = [int(bookings * weight / sum(weights)) for weight in weights]
        for number in range(bookings - sum(shares)):
            shares[number % len(shares)] += 1
        return [min(share, len(self.posts)) for share in shares]

    def add_bookings(self, run: Run, asked: int, sessions: list[Session]) -> None:
        who = self.chance.sample(self.posts, asked)
        midnight = at(self.today, 0, 0)
        moments = sorted(
            min(run.starts_at, midnight) - dt.timedelta(minutes=self.chance.randint(60, 60_000))
            for _ in who
        )
        for post, moment in zip(who, moments, strict=True):
            booking = self.booking(run, post, moment)
            if run.closed_at and booking.state == State.CONFIRMED:
                self.attend(booking, sessions)

    def booking(self, run: Run, post: Post, moment: dt.datetime) -> Booking:
        state = State.CONFIRMED if run.taken < run.places else State.WAITING
        if self.chance.random() < 0.05 and state == State.CONFIRMED:
            state = State.WITHDRAWN
        holds = state == State.CONFIRMED
        run.taken += holds
        ended = moment + dt.timedelta(hours=30) if state == State.WITHDRAWN else None
        booking = Booking(
            run=run,
            person=post.person,
            agency=post.agency,
            role_group=post.role_group,
            state=state,
            holds_place=holds,
            queued_at=moment,
            confirmed_at=moment if holds else None,
            ended_at=ended,
        )
        self.bookings.append(booking)
        return booking

    def attend(self, booking: Booking, sessions: list[Session]) -> None:
        kind = self.chance.choices(*zip(*MARKS, strict=True))[0]
        minutes = self.chance.choice([10, 15, 20, 45])
        made = {
            session.pk: Mark(
                session=session,
                booking=booking,
                kind=kind,
                minutes_missed=minutes if kind in (Kind.LATE, Kind.LEFT_EARLY) else 0,
                marked_at=session.ends_at,
                marked_by=self.trainers[0],
            )
            for session in sessions
        }
        self.marks.extend(made.values())
        booking.absence_told_at = booking.run.closed_at if kind == Kind.ABSENT else None
        if completion_rule.is_complete(sessions, made):
            self.completions.append(
                Completion(
                    person=booking.person,
                    course=booking.run.course,
                    booking=booking,
                    agency=booking.agency,
                    completed_on=timezone.localdate(sessions[-1].starts_at),
                    award=uuid.UUID(int=self.chance.getrandbits(128), version=4),
                )
            )


def write(*lists: list) -> None:
    for rows in lists:
        if rows:
            type(rows[0]).objects.bulk_create(rows, batch_size=500)


def at(day: dt.date, hour: int, minute: int) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(hour, minute)))
