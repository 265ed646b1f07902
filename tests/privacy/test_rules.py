"""Test that every model, field, many-to-many and file has a rule, and that a planted one fails."""

from dataclasses import replace

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from agencies.models import Person
from courses.models import Booking, Level
from lms.privacy import coverage
from lms.privacy.coverage import faults, faults_of, merged_fields, names_a_person
from lms.privacy.record_types import record_types
from lms.privacy.rules import (
    Basis,
    Erasing,
    Merging,
    blanked,
    left_as_is,
    names,
    nobody,
    personal,
    privacy_rules,
)

PERSON = settings.AUTH_USER_MODEL


def test_every_model_and_field_has_a_rule():
    assert faults() == []


def test_every_record_type_is_of_some_field_and_says_how_long():
    used = {held.record_type for rule in privacy_rules for _, held in rule.held()}
    failures = {"job_failures", "unconfirmed_alerts"}  # of rows of another record type, or nobody's
    assert {each.name for each in record_types} - failures == used - {""}
    assert all(each.kept_for and each.title for each in record_types)


def test_what_it_names_as_a_person_is_found_by_every_relation_of_the_account():
    """Count the relations from the account's side: none is missed."""
    theirs = {
        (each.related_model._meta.label, each.field.name)
        for each in Person._meta.related_objects
        if not each.related_model._meta.auto_created
    }
    merged = {(rule.name, name) for rule, name, _ in merged_fields()}
    assert theirs <= merged
    assert ("courses.Run", "trainers") in merged
    assert ("agencies.Person", "groups") in merged


@pytest.fixture
def planted(monkeypatch):
    """Return a function that makes a model of these fields as if it were installed."""
    made = []
    monkeypatch.setattr(coverage, "installed_models", lambda: [*apps.get_models(), *made])

    def plant(**fields):
        meta = type("Meta", (), {"app_label": "planted"})
        body = {"__module__": __name__, "Meta": meta, **fields}
        made.append(type("Planted", (models.Model,), body))
        return made[-1]

    yield plant
    apps.all_models.pop("planted", None)
    for model in (Person, Level):
        model._meta._expire_cache()
    apps.clear_cache()


def test_a_model_without_a_rule_fails(planted):
    planted(words=models.CharField(max_length=9))
    assert faults() == ["planted.Planted has no rule"]


@pytest.mark.parametrize(
    "field",
    [
        lambda: models.CharField(max_length=9),
        lambda: models.JSONField(default=dict),
        lambda: models.FileField(),
        lambda: models.BinaryField(),
        lambda: models.ForeignKey(Level, models.CASCADE, related_name="+"),
        lambda: models.ManyToManyField(Level, related_name="+"),
        lambda: models.ForeignKey(PERSON, models.CASCADE, related_name="+"),
        lambda: models.ManyToManyField(PERSON, related_name="+"),
    ],
    ids=["text", "JSON", "file", "binary", "key", "many", "person", "people"],
)
def test_a_field_without_a_rule_fails(planted, field):
    model = planted(words=models.CharField(max_length=9), another=field())
    assert ".another has no rule" in [*faults_of(model, nobody("planted.Planted", "x", "words"))]


@pytest.mark.parametrize(
    "field",
    [
        lambda: models.ForeignKey(PERSON, models.CASCADE, related_name="+"),
        lambda: models.OneToOneField(PERSON, models.CASCADE, related_name="+"),
        lambda: models.ManyToManyField(PERSON, related_name="+"),
    ],
    ids=["key", "one", "many"],
)
def test_what_names_a_person_says_what_merging_does_to_it(planted, field):
    model = planted(whom=field())
    assert [*faults_of(model, rule_of(whom="Who it is"))] == [
        ".whom names a person, and nothing says what merging two accounts does to it"
    ]
    assert [*faults_of(model, rule_of(whom=names("Who it is", Merging.MOVE)))] == []
    assert ".whom names a person, and the rule says that nothing is about anybody" in [
        *faults_of(model, nobody("planted.Planted", "x", "whom"))
    ]


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("asked_by", models.BigIntegerField()),
        ("person", models.PositiveIntegerField()),
        ("about_id", models.CharField(max_length=9)),
    ],
)
def test_a_number_that_may_be_a_persons_says_what_merging_does_to_it(planted, name, field):
    model = planted(**{name: field})
    [fault] = faults_of(model, nobody("planted.Planted", "x", name))
    assert fault.startswith(f".{name} may number a person")


def test_a_rule_for_what_is_gone_fails(planted):
    model = planted(words=models.CharField(max_length=9))
    rule = nobody("planted.Planted", "x", "words others")
    assert [*faults_of(model, rule)] == [".others has a rule and is gone"]
    privacy_rules.register(nobody("courses.Gone", "x"))
    try:
        assert "courses.Gone has a rule and is not installed" in faults()
    finally:
        privacy_rules.unregister("courses.Gone")


def rule_of(**fields):
    return personal(
        "planted.Planted",
        "Planted",
        whose="whom",
        basis=Basis.PUBLIC_TASK,
        record_type="account",
        fields=fields,
    )


@pytest.mark.parametrize(
    ("held", "fault"),
    [
        (left_as_is("Words", ""), "is kept and no reason is given"),
        (blanked("Words", record_type="gone"), "is of the record type 'gone', which there is not"),
        (blanked("Words", whose="nowhere"), "is about 'nowhere', which leads to no person"),
        (blanked("Words", whose="@nowhere"), "is about '@nowhere', which leads to no person"),
        (blanked(""), "does not say what it holds"),
    ],
)
def test_a_rule_that_says_too_little_fails(planted, held, fault):
    key = models.ForeignKey(PERSON, models.CASCADE, related_name="+")
    model = planted(whom=key, words=models.CharField(max_length=9))
    rule = rule_of(whom=names("Who it is", Merging.MOVE), words=held)
    assert [*faults_of(model, rule)] == [f".words {fault}"]


def test_what_cannot_be_blank_is_not_to_be_blanked(planted):
    key = models.ForeignKey(PERSON, models.CASCADE, related_name="+")
    model = planted(whom=key, size=models.IntegerField())
    rule = rule_of(whom=names("Who it is", Merging.MOVE), size=blanked("A size"))
    assert [*faults_of(model, rule)] == [".size is to be blanked and cannot be blank"]


def test_a_field_is_named_once():
    rule = personal(
        "courses.Booking",
        "Bookings",
        whose="person",
        basis=Basis.PUBLIC_TASK,
        record_type="account",
        fields={"state priority": "One", "state": "Two"},
    )
    assert ".state is named twice" in [*faults_of(Booking, rule)]


def test_a_field_says_what_its_model_does_not():
    booking = next(rule for rule in privacy_rules if rule.name == "courses.Booking")
    held = dict(booking.held())
    assert (held["access_needs"].erasing, held["access_needs"].basis) == (
        Erasing.BLANKED, Basis.SPECIAL,
    )  # fmt: skip
    assert (held["state"].erasing, held["state"].whose) == (Erasing.KEPT, "person")
    assert replace(held["person"]).merging is Merging.MOVE
    assert names_a_person(Booking._meta.get_field("person"))
