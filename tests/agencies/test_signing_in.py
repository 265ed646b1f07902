"""Test sign-up, sign-in by code, the second factor, and where each of them leads."""

import subprocess
import sys

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth import authenticate
from django.test import Client

from agencies.access import BOARD_MEMBERS, TRAINING_ADMINISTRATORS
from agencies.models import Person
from lms.models import Mail
from tests.agencies.signing import code_sent_to, prove, sign_in, totp_code
from tests.factories import PersonFactory, PostFactory

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXP"


def signed_in(client):
    return client.session.get("_auth_user_id")


def member_of_staff(**more):
    return PersonFactory(is_staff=True, groups=[TRAINING_ADMINISTRATORS], **more)


def test_sign_up_with_a_code_leads_to_joining(client):
    answer = client.post(
        "/accounts/signup/", {"name": " Zoë\u202e  Núñez ", "email": "Zoe@Example.ORG"}
    )
    assert answer["Location"] == "/accounts/confirm-email/"
    assert not signed_in(client)
    answer = client.post("/accounts/confirm-email/", {"code": code_sent_to("zoe@example.org")})
    assert answer["Location"] == "/welcome/"
    person = Person.objects.get()
    assert (person.name, person.email) == ("Zoë Núñez", "zoe@example.org")
    assert not person.has_usable_password()
    assert signed_in(client) == str(person.pk)
    address = EmailAddress.objects.get()
    assert (address.email, address.verified, address.primary) == ("zoe@example.org", True, True)


@pytest.mark.parametrize(
    ("name", "email", "sentence"),
    [
        ("", "a@example.org", "Enter your full name."),
        ("1234", "a@example.org", "with letters"),
        ("<b>A</b>", "a@example.org", "without symbols"),
        ("Anna", "", "Enter your email address."),
        ("Anna", "anna@", "valid email address"),
        ("Anna", "änna@example.org", "valid email address"),
        ("Anna", "anna@bücher.example", "unaccented English letters"),
    ],
)
def test_bad_input_gets_a_sentence_and_makes_nobody(client, name, email, sentence):
    answer = client.post("/accounts/signup/", {"name": name, "email": email})
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert not Person.objects.exists()


def test_a_wrong_code_proves_nothing_and_three_end_it(client):
    client.post("/accounts/signup/", {"name": "Anna", "email": "anna@example.org"})
    for _ in range(3):
        client.post("/accounts/confirm-email/", {"code": "WRONGG"})
    client.post("/accounts/confirm-email/", {"code": code_sent_to("anna@example.org")})
    assert not signed_in(client)
    assert not EmailAddress.objects.get().verified


def test_signing_up_again_says_the_same_and_makes_nobody(client):
    person = PersonFactory(email="anna@example.org")
    answer = client.post("/accounts/signup/", {"name": "Other", "email": "anna@example.org"})
    assert answer["Location"] == "/accounts/confirm-email/"
    assert list(Person.objects.all()) == [person]


def test_sign_in_by_code_leads_to_my_learning_and_without_a_job_to_joining(client):
    post = PostFactory()
    assert sign_in(client, post.person.email)["Location"] == "/my/"
    client.post("/accounts/logout/")
    assert sign_in(client, PersonFactory().email)["Location"] == "/welcome/"


def test_next_wins_but_never_another_site(client):
    person = PersonFactory()
    for asked, expected in (("/courses/", "/courses/"), ("https://evil.example/", "/welcome/")):
        client.post("/accounts/login/", {"login": person.email, "next": asked})
        answer = client.post(
            "/accounts/login/code/confirm/", {"code": code_sent_to(person.email), "next": asked}
        )
        assert answer["Location"] == expected
        client.post("/accounts/logout/")


@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/login/code/"])
def test_nobody_closed_and_invented_get_the_same_answer_and_no_code(settings, address):
    settings.ACCOUNT_RATE_LIMITS = False
    PersonFactory(email="closed@example.org", is_active=False)
    PersonFactory(email="invented@example.org", is_invented=True)
    PersonFactory(email="known@example.org")
    answers = set()
    for name in ("nobody", "closed", "invented", "known"):
        email = f"{name}@example.org"
        answer = Client().post(address, {"login": email, "email": email}, follow=True)
        answers.add((answer.redirect_chain[0], email in answer.content.decode()))
        assert ("Your sign-in code" in Mail.objects.get(to=email).subject) == (name == "known")
    assert len(answers) == 1


def test_a_demonstration_lets_invented_people_in(client, settings):
    settings.LMS_DEMONSTRATION_LOGINS = True
    person = PersonFactory(is_invented=True)
    sign_in(client, person.email)
    assert signed_in(client) == str(person.pk)


def test_an_invented_or_closed_account_has_no_password_either(settings):
    for more in ({"is_invented": True}, {"is_active": False}):
        person = PersonFactory(**more)
        person.set_password("correct horse battery")
        person.save()
        credentials = {"email": person.email, "password": "correct horse battery"}
        assert authenticate(None, **credentials) is None
    settings.LMS_DEMONSTRATION_LOGINS = True
    invented = Person.objects.get(is_invented=True)
    credentials = {"email": invented.email, "password": "correct horse battery"}
    assert authenticate(None, **credentials) == invented


def test_a_session_ends_when_its_person_is_closed_or_turns_out_invented(client):
    for more in ({"is_active": False}, {"is_invented": True}):
        person = PersonFactory()
        client.force_login(person)
        assert client.get("/my/jobs/").status_code == 200
        Person.objects.filter(pk=person.pk).update(**more)
        assert client.get("/my/jobs/")["Location"] == "/accounts/login/?next=/my/jobs/"


def test_there_are_no_password_pages(client):
    client.force_login(PersonFactory())
    for page in ("change", "set", "reset", "reset/done"):
        assert client.get(f"/accounts/password/{page}/").status_code == 404
    assert client.get("/cms/password_reset/").status_code in {403, 404}


def test_a_second_address_becomes_the_primary_and_the_login(client):
    person = PersonFactory(email="first@example.org")
    client.force_login(person)
    prove(client, person.email)
    client.post("/accounts/email/", {"action_add": "", "email": "Second@Example.org"})
    code = code_sent_to("second@example.org")
    client.post("/accounts/confirm-email/", {"code": code})
    client.post("/accounts/email/", {"action_primary": "", "email": "second@example.org"})
    person.refresh_from_db()
    assert person.email == "second@example.org"
    assert person.emailaddress_set.filter(verified=True).count() == 2


@pytest.mark.parametrize("is_verified", [True, False])
def test_somebody_elses_address_cannot_be_added_nor_taken_over(client, is_verified):
    other, person = PersonFactory(is_verified=is_verified), PersonFactory()
    client.force_login(person)
    prove(client, person.email)
    client.post("/accounts/email/", {"action_add": "", "email": other.email})
    answer = client.post("/accounts/confirm-email/", {"code": code_sent_to(other.email)})
    assert "already registered" in answer.content.decode()
    assert not person.emailaddress_set.filter(email=other.email).exists()


def test_codes_for_one_address_are_limited():
    person = PersonFactory()
    for _ in range(5):
        Client().post("/accounts/login/", {"login": person.email})
    assert Mail.objects.filter(to=person.email).count() == 3


# The second factor


def test_staff_without_a_second_factor_are_taken_to_set_one_up(client):
    client.force_login(member_of_staff())
    for page in ("/cms/", "/cms/pages/", "/cms/users/"):
        assert client.get(page)["Location"] == "/accounts/2fa/totp/activate/"
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200
    assert client.post("/cms/logout/")["Location"] != "/accounts/2fa/totp/activate/"


def test_a_second_factor_is_asked_for_after_the_code(client):
    person = member_of_staff()
    TOTP.activate(person, SECRET)
    answer = sign_in(client, person.email)
    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert not signed_in(client)
    answer = client.post("/accounts/2fa/authenticate/", {"code": totp_code(SECRET)})
    assert answer["Location"] == "/cms/"
    assert client.get("/cms/").status_code == 200


def test_a_session_from_before_the_second_factor_must_use_it(client):
    person = member_of_staff()
    client.force_login(person)
    TOTP.activate(person, SECRET)
    answer = client.get("/cms/")
    assert answer["Location"] == "/accounts/2fa/reauthenticate/?next=%2Fcms%2F"
    client.post(answer["Location"], {"code": totp_code(SECRET), "next": "/cms/"})
    assert client.get("/cms/").status_code == 200


def test_development_may_leave_the_second_factor_out(client, settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    client.force_login(member_of_staff())
    assert client.get("/cms/").status_code == 200


# The door of the back office


def test_the_back_office_has_no_entrance_of_its_own(client):
    assert client.get("/cms/login/?next=/cms/users/")["Location"] == (
        "/accounts/login/?next=%2Fcms%2Fusers%2F"
    )
    assert client.get("/cms/")["Location"].startswith("/accounts/login/?next=/cms/")


def test_people_of_agencies_are_turned_away_without_a_loop(client):
    for person in (
        PersonFactory(),
        PostFactory(is_lead=True).person,
        PersonFactory(is_staff=True),
        PersonFactory(groups=[BOARD_MEMBERS]),
    ):
        client.force_login(person)
        for page in ("/cms/", "/cms/users/", "/cms/agency/", "/cms/reports/"):
            assert client.get(page).status_code == 403, page


# Production


def production(tmp_path, **more):
    """Return a production server's sign-in settings, or its error, with this environment."""
    environment = {
        "SECRET_KEY": "x" * 50,
        "ALLOWED_HOSTS": "learning.example.org",
        "SITE_URL": "https://learning.example.org",
        "LMS_TRUSTED_PROXIES": "1",
        "DATA_DIR": str(tmp_path),
    }
    code = (
        "from lms.settings import production as site;"
        "print(site.LMS_DEMONSTRATION_LOGINS, site.LMS_SECOND_FACTOR_REQUIRED)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment | more, capture_output=True, text=True)
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def test_production_has_no_demonstration_logins_and_asks_for_the_second_factor(tmp_path):
    assert production(tmp_path) == "False True"


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"LMS_DEMONSTRATION_LOGINS": "true"}, "LMS_DEMONSTRATION_LOGINS is for development only."),
        (
            {"LMS_SECOND_FACTOR_REQUIRED": "false"},
            "LMS_SECOND_FACTOR_REQUIRED cannot be turned off here.",
        ),
    ],
)
def test_production_does_not_start_with_either_wished_otherwise(tmp_path, wish, sentence):
    assert production(tmp_path, **wish).endswith(sentence)
