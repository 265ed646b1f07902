"""Mutants of the warning that two accounts may be of one person."""

from tests.mutants.mutant import Mutant

TESTS = "tests/agencies/test_double_accounts.py"
VERBS = "agencies/double_accounts/double_accounts.py"
SHARE = "test_they_share_an_agency_as_it_is_today_and_are_open"


def replaced(name, file, old, new, test):
    return Mutant(f"double accounts: {name}", file, ((old, new),), f"{TESTS}::{test}")


MUTANTS = [
    replaced(
        "accents tell names apart",
        "agencies/free_text/names.py",
        'unicodedata.normalize("NFKD", name.casefold())',
        'unicodedata.normalize("NFC", name.casefold())',
        "test_names_are_compared_without_case_spaces_and_accents",
    ),
    replaced(
        "a merger tells agencies apart",
        VERBS,
        'mergers.today("agency")',
        'models.F("agency")',
        f"{SHARE}[merged-True]",
    ),
    replaced(
        "a job that was refused counts",
        VERBS,
        "Post.objects.exclude(confirmed_at=None, ends_on__isnull=False)",
        "Post.objects.all()",
        f"{SHARE}[refused-False]",
    ),
    replaced(
        "what is settled is asked again",
        VERBS,
        '        ~_is_settled("pk", me),\n',
        "",
        "test_the_office_reads_it_in_four_places_and_settles_it",
    ),
    replaced(
        "a lead sees people of elsewhere",
        VERBS,
        "Post.objects.current().filter(agency__in=access.agencies_led_by(viewer))",
        "Post.objects.current()",
        "test_a_lead_sees_it_among_their_staff_alone_before_they_confirm",
    ),
    replaced(
        "a new name leaves the old one folded",
        "agencies/models.py",
        'kwargs["update_fields"] = {*kwargs["update_fields"], "name_key"}',
        "pass",
        "test_whatever_makes_a_person_folds_their_name",
    ),
]
