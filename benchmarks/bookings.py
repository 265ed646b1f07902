"""How many bookings a second does one run take, when everybody presses at once?"""

from time import perf_counter

from courses import booking
from courses.models import Booking, Run
from tests.factories import PersonFactory, PostFactory, RunFactory
from tests.servers import at_once

PLACES = 30
ROUNDS = {8: 12, 16: 6, 32: 3}


def measure(database_url, folder):
    yield f"## Bookings (threads at once for {PLACES} places of one date, mail written with each)"
    yield ""
    posts = [PostFactory(person=PersonFactory(is_verified=False)) for _ in range(96)]
    for clients, rounds in ROUNDS.items():
        rush(clients, posts)
        seconds = sum(rush(clients, posts[at * clients :]) for at in range(rounds))
        yield f"- {clients} at once: {clients * rounds / seconds:.0f} bookings/s"
    yield ""


def rush(clients, posts):
    run = RunFactory(places=PLACES)

    def book(number):
        return booking.request_place(run, posts[number].person, by=posts[number].person)

    began = perf_counter()
    made = at_once(clients, book)
    lasted = perf_counter() - began
    assert all(isinstance(each, Booking) for each in made), made
    taken = Run.objects.get(pk=run.pk).taken
    assert taken == run.bookings.filter(holds_place=True).count() == min(clients, PLACES)
    return lasted
