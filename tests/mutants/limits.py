"""Mutants of what is made once, and of how much one caller may ask for."""

from tests.mutants.mutant import Mutant

PDF = "tests/protocols/test_pdf_made_once.py::"


def limits(name, file, old, new, test):
    return Mutant(f"limits: {name}", file, ((old, new),), test)


MUTANTS = [
    limits(
        "a version's PDF is drawn while somebody waits",
        "protocols/editions/views.py",
        "    if (made := pdfs.read(edition)) is None:\n",
        "    pdfs.make()\n    if (made := pdfs.read(edition)) is None:\n",
        f"{PDF}test_before_the_worker_has_made_it_nothing_is_drawn_and_the_page_says_so",
    ),
    limits(
        "versions of before have no PDF for ever",
        "lms/settings/base.py",
        '    "protocols.editions.pdfs.make",\n',
        "",
        "tests/upgrades/test_upgrade.py::"
        "test_the_task_the_job_and_the_mail_that_waited_are_finished",
    ),
    limits(
        "the PDF of a withdrawn version does not say so",
        "protocols/editions/pdfs.py",
        "EditionPdf.objects.up_to_date()",
        "EditionPdf.objects",
        f"{PDF}test_what_is_withdrawn_or_put_back_is_made_again_and_says_so",
    ),
]
