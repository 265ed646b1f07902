"""Mutants of the domains that many organisations share."""

from tests.mutants.mutant import Mutant

TESTS = "tests/agencies/test_shared_domains.py"


def replaced(name, file, old, new, test):
    return Mutant(f"shared domains: {name}", file, ((old, new),), f"{TESTS}::{test}")


MUTANTS = [
    replaced(
        "an agency that enters it while it is shared has proof",
        "agencies/models.py",
        ".exclude(\n            name__in=shared\n        )",
        "",
        "test_an_agency_that_enters_it_in_the_same_moment_has_no_proof_in_it",
    ),
    replaced(
        "one that only suggests confirms a job",
        "agencies/models.py",
        "self.filter(proves_job=True, agency__in",
        "self.filter(agency__in",
        "test_an_address_there_does_not_confirm_a_job",
    ),
    replaced(
        "a manager there counts",
        "courses/rules/approvers.py",
        "Domain.objects.proving(agencies)",
        "Domain.objects.filter(agency__in=agencies.with_merged())",
        "test_a_manager_there_does_not_count",
    ),
    replaced(
        "it can be entered as proof",
        "agencies/partners.py",
        "    if not SharedDomain.objects.filter(name=name).exists():\n",
        "    if name:\n",
        "test_known_shared_domains_are_refused_as_proof[nhs.net]",
    ),
    replaced(
        "agencies keep it as proof when it is shared",
        "agencies/email_domains/email_domains.py",
        "    Domain.objects.filter(name=shared.name).update(proves_job=False)\n",
        "",
        "test_sharing_a_domain_ends_no_job_and_lists_those_that_it_confirmed",
    ),
    replaced(
        "what it confirmed is not noted",
        "agencies/joining.py",
        'post.proved_by = proof.name if proof else ""',
        'post.proved_by = ""',
        "test_sharing_a_domain_ends_no_job_and_lists_those_that_it_confirmed",
    ),
    replaced(
        "one that was typed with a last dot is never an address's",
        "agencies/email_domains/email_domains.py",
        '.removesuffix(".")',
        "",
        "test_a_job_is_confirmed_by_a_domain_that_was_typed_with_a_last_dot",
    ),
    replaced(
        "what no address can end in is a domain",
        "agencies/email_domains/email_domains.py",
        "        _is_domain(name)\n",
        "",
        "test_what_no_address_can_end_in_is_refused[nhs]",
    ),
]
