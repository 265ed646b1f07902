"""What do our tests build with? One factory a model, named for it."""

import factory
from allauth.account.models import EmailAddress
from django.utils import timezone
from factory.django import DjangoModelFactory

from agencies.models import Agency, Domain, Person, Post, RoleGroup, Sector


class SectorFactory(DjangoModelFactory):
    class Meta:
        model = Sector
        django_get_or_create = ["name"]

    name = "Health"


class RoleGroupFactory(DjangoModelFactory):
    class Meta:
        model = RoleGroup
        django_get_or_create = ["name"]

    name = "Midwives"


class AgencyFactory(DjangoModelFactory):
    class Meta:
        model = Agency

    name = factory.Sequence(lambda n: f"Agency {n}")
    sector = factory.SubFactory(SectorFactory)


class DomainFactory(DjangoModelFactory):
    class Meta:
        model = Domain

    agency = factory.SubFactory(AgencyFactory)
    name = factory.Sequence(lambda n: f"agency{n}.example.org")


class PersonFactory(DjangoModelFactory):
    """Somebody who may sign in; `is_verified=False` leaves their address unproven."""

    class Meta:
        model = Person
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Person {n}")
    email = factory.Sequence(lambda n: f"person{n}@example.org")

    @factory.post_generation
    def is_verified(person, create, extracted, **kwargs):
        if create:
            verified = extracted is not False
            EmailAddress.objects.create(
                user=person, email=person.email, primary=True, verified=verified
            )

    @factory.post_generation
    def groups(person, create, extracted, **kwargs):
        """Names of the board's groups, as in `PersonFactory(groups=[BOARD_MEMBERS])`."""
        if create and extracted:
            from django.contrib.auth.models import Group

            person.groups.set([Group.objects.get_or_create(name=name)[0] for name in extracted])


class PostFactory(DjangoModelFactory):
    """A confirmed job; `confirmed_at=None` is one that waits."""

    class Meta:
        model = Post

    person = factory.SubFactory(PersonFactory)
    agency = factory.SubFactory(AgencyFactory)
    title = "Community midwife"
    role_group = factory.SubFactory(RoleGroupFactory)
    starts_on = factory.LazyFunction(lambda: timezone.localdate().replace(day=1, month=1))
    confirmed_at = factory.LazyFunction(timezone.now)
