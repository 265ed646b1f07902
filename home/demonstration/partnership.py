"""Make the demonstration's agencies and people."""

import datetime as dt
import random
from collections.abc import Iterator

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.utils import timezone
from wagtail.models import Site

from agencies import access
from agencies.free_text.names import key
from agencies.models import (
    Agency,
    Board,
    ConcernContacts,
    Domain,
    Person,
    Post,
    RoleGroup,
    Sector,
)
from home.demonstration import PERSONAS
from home.demonstration.content_protocols import HUB

# sector: its agencies, each with its email domain, and its people's job titles
PARTNERSHIP = {
    "Health": (
        [
            ("Solent Shore Community Health", "solent-health"),
            ("Spinnaker Hospital Trust", "spinnaker-hospital"),
            ("Lighthouse Family Practice", "lighthouse-practice"),
            ("Old Town Surgery", "old-town-surgery"),
        ],
        [
            ("Health visitor", "Health visiting"),
            ("Community midwife", "Midwifery"),
            ("School nurse", "School nursing"),
            ("General practitioner", "General practice"),
            ("Paediatric nurse", "Hospital nursing"),
        ],
    ),
    "Police and justice": (
        [("Camber Constabulary", "camber-police"), ("Island Probation", "island-probation")],
        [
            ("Police constable, child protection", "Police"),
            ("Detective sergeant", "Police"),
            ("Probation officer", "Probation"),
        ],
    ),
    "Council": (
        [
            ("Portsea Council: Children and Families", "portsea-families"),
            ("Portsea Council: Housing", "portsea-housing"),
            ("Portsea Council: Early Help and Prevention", "portsea-early-help"),
        ],
        [
            ("Social worker", "Social work"),
            ("Early help practitioner", "Early help"),
            ("Housing officer", "Housing"),
            ("Youth worker", "Youth work"),
        ],
    ),
    "Schools": (
        [
            ("Anchorage Primary School", "anchorage-primary"),
            ("Beacon Academy", "beacon-academy"),
            ("Kingfisher Infant School", "kingfisher-infants"),
            ("The Quay College", "quay-college"),
        ],
        [
            ("Designated safeguarding lead", "Teaching"),
            ("Class teacher", "Teaching"),
            ("Teaching assistant", "Teaching support"),
        ],
    ),
    "Early years": (
        [("Little Gulls Nursery", "little-gulls"), ("Tide Pool Pre-school", "tide-pool")],
        [("Nursery manager", "Early years"), ("Room leader", "Early years")],
    ),
    "Voluntary sector": (
        [
            ("Harbour Women’s Refuge", "harbour-refuge"),
            ("Stepping Stones Family Support", "stepping-stones"),
            ("Solent Young Carers", "young-carers"),
        ],
        [
            ("Family support worker", "Family support"),
            ("Domestic abuse adviser", "Domestic abuse services"),
            ("Volunteer coordinator", "Family support"),
        ],
    ),
}
NO_PASSWORD = "!"  # noqa: S105 (Django's mark of an account without one)
BOARD = "Portsmouth Safeguarding Children Board"

FIRST = [
    "Aaron",
    "Abigail",
    "Adaeze",
    "Aisha",
    "Alan",
    "Amelia",
    "Andrzej",
    "Anjali",
    "Bethan",
    "Brendan",
    "Callum",
    "Carmen",
    "Chidi",
    "Chloe",
    "Daniel",
    "Deborah",
    "Dilip",
    "Eilidh",
    "Elena",
    "Emeka",
    "Farah",
    "Fiona",
    "Gareth",
    "Grace",
    "Gurpreet",
    "Hannah",
    "Harvinder",
    "Helen",
    "Ibrahim",
    "Imogen",
    "Isla",
    "Jack",
    "Jasmine",
    "Joanna",
    "Kofi",
    "Kwame",
    "Latoya",
    "Leon",
    "Lucy",
    "Małgorzata",
    "Marcus",
    "Mei",
    "Miriam",
    "Mohammed",
    "Naomi",
    "Nathan",
    "Niamh",
    "Oliver",
    "Olu",
    "Padraig",
    "Parveen",
    "Priya",
    "Rachel",
    "Rashida",
    "Rhys",
    "Roisin",
    "Ryan",
    "Samira",
    "Sean",
    "Shabana",
    "Siobhan",
    "Sofia",
    "Stephen",
    "Sunita",
    "Tariq",
    "Tomasz",
    "Uma",
    "Victoria",
    "Wei",
    "Yasmin",
    "Zainab",
    "Zoë",
]
LAST = [
    "Adeyemi",
    "Ahmed",
    "Allen",
    "Baker",
    "Banerjee",
    "Barrett",
    "Begum",
    "Brennan",
    "Campbell",
    "Chaudhry",
    "Chen",
    "Clarke",
    "Cooper",
    "Davies",
    "D’Souza",
    "Edwards",
    "Evans",
    "Fernández",
    "Fletcher",
    "Gill",
    "Green",
    "Griffiths",
    "Hall",
    "Hughes",
    "Hussain",
    "Ito",
    "Jackson",
    "Johal",
    "Kaur",
    "Kelly",
    "Khan",
    "Kowalska",
    "Lewis",
    "Mahmood",
    "Marsh",
    "Mensah",
    "Mitchell",
    "Murphy",
    "Nguyễn",
    "Novák",
    "O’Connor",
    "Okonkwo",
    "Osei",
    "Parker",
    "Patel",
    "Pereira",
    "Price",
    "Qureshi",
    "Reid",
    "Roberts",
    "Rossi",
    "Sharma",
    "Singh",
    "Smith",
    "Stewart",
    "Taylor",
    "Thomas",
    "Turner",
    "Walker",
    "Watson",
    "Williams",
    "Wright",
    "Żółkowska",
]


class Partnership:
    """Agencies by name with their job titles, from which people are drawn."""

    def __init__(self, chance: random.Random, today: dt.date):
        self.chance, self.today = chance, today
        self.groups: dict[str, RoleGroup] = {}
        self.agencies: dict[str, Agency] = {}
        self.domains: dict[str, str] = {}
        self.jobs: dict[str, list[tuple[str, str]]] = {}
        for position, (sector, (agencies, jobs)) in enumerate(PARTNERSHIP.items()):
            row = Sector.objects.create(name=sector, position=position)
            for _, group in jobs:
                self.groups.setdefault(group, RoleGroup.objects.get_or_create(name=group)[0])
            for name, domain in agencies:
                self.add(Agency.objects.create(name=name, sector=row), domain, jobs)

    def add(self, agency, domain, jobs):
        name = f"{domain}.example.org"
        Domain.objects.create(agency=agency, name=name)
        self.agencies[agency.name], self.domains[agency.name] = agency, name
        self.jobs[agency.name] = jobs

    def people(self, number: int) -> list[Post]:
        """Create that many invented people with a job each; agencies differ in size."""
        names = list(self.agencies)
        weights = [self.chance.randint(1, 6) for _ in names]
        people, places = [], self.chance.choices(names, weights, k=number)
        for at, agency in enumerate(places):
            people.append(self.person(at, agency))
        for person in people:
            person.name_key = key(person.name)
        Person.objects.bulk_create(people, batch_size=1000)
        EmailAddress.objects.bulk_create(verified(people), batch_size=1000)
        posts = [self.post(person, at) for person, at in zip(people, places, strict=True)]
        return Post.objects.bulk_create(posts, batch_size=1000)

    def person(self, number: int, agency: str) -> Person:
        first, last = self.chance.choice(FIRST), self.chance.choice(LAST)
        return Person(
            name=f"{first} {last}",
            email=f"person{number + 1}@{self.domains[agency]}",
            password=NO_PASSWORD,
            is_invented=True,
        )

    def post(self, person: Person, agency: str, **fields) -> Post:
        title, group = self.chance.choice(self.jobs[agency])
        job = {"title": title, "role_group": self.groups[group]} | fields
        return Post(
            person=person,
            agency=self.agencies[agency],
            starts_on=self.today - dt.timedelta(days=self.chance.randint(400, 3000)),
            confirmed_at=timezone.now(),
            **job,
        )


def verified(people) -> Iterator[EmailAddress]:
    for person in people:
        yield EmailAddress(user=person, email=person.email, verified=True, primary=True)


def make_personas(partnership: Partnership) -> dict[str, Person]:
    """Create one person per role and return them by role."""
    personas = {
        role: Person.objects.create(name=name, email=email, password=NO_PASSWORD, is_invented=True)
        for role, name, email in PERSONAS
    }
    EmailAddress.objects.bulk_create(verified(personas.values()))
    health, board = partnership.agencies["Solent Shore Community Health"], BOARD
    visiting = partnership.groups["Health visiting"]
    jobs = [
        ("professional", health, "Health visitor", False),
        ("agency lead", health, "Named nurse for safeguarding", True),
        ("line manager", health, "Health visiting team leader", False),
        ("trainer", Agency.objects.get(name=board), "Training lead", False),
    ]
    for role, agency, title, is_lead in jobs:
        Post.objects.create(
            person=personas[role],
            agency=agency,
            title=title,
            role_group=visiting if agency == health else None,
            is_lead=is_lead,
            starts_on=partnership.today - dt.timedelta(days=800),
            confirmed_at=timezone.now(),
            line_manager_email=personas["line manager"].email if role == "professional" else "",
        )
    make_staff(personas)
    return personas


def make_staff(personas: dict[str, Person]) -> None:
    for role, group in (
        ("training administrator", access.TRAINING_ADMINISTRATORS),
        ("protocol editor", access.PROTOCOL_EDITORS),
        ("policy lead", access.POLICY_LEADS),
        ("Case Review Committee chair", access.COMMITTEE_CHAIRS),
        ("board member", access.BOARD_MEMBERS),
    ):
        person = personas[role]
        person.is_staff = True
        person.save(update_fields=["is_staff"])
        person.groups.add(Group.objects.get(name=group))


def make_board() -> None:
    board = Board.load()
    board.name = BOARD
    board.short_name = board.certificate_prefix = "PSCB"
    board.email = "training@pscb.example.org"
    board.telephone = "01632 960 123"
    board.signatory_name = "Margaret Ade"
    board.is_demonstration = True
    board.save()
    Site.objects.update(site_name=board.name)


def make_concern_contacts(*, by: Person, today: dt.date) -> None:
    contacts = ConcernContacts.load()
    contacts.hub_name = f"{HUB['name']} (MASH)"
    contacts.hub_telephone = HUB["telephone"]
    contacts.hub_hours = "Monday to Friday, 8:30am to 5pm"
    contacts.out_of_hours_name = "Emergency Duty Team"
    contacts.out_of_hours_telephone = "01632 960102"
    contacts.checked_on, contacts.checked_by = today - dt.timedelta(days=18), by
    contacts.save()
