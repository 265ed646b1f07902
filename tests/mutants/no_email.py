"""Mutants of what holds for people without an email address."""

from tests.mutants.mutant import Mutant

TESTS = "tests/agencies/test_no_email.py::"
PAGES = "tests/agencies/test_no_email_pages.py::"
FINDING, ADDING = "agencies/no_email/finding.py", "agencies/no_email/adding.py"


def mutant(name, file, old, new, test):
    return Mutant(f"no email: {name}", file, ((old, new),), test)


MUTANTS = [
    mutant(
        "an email is written to an empty address",
        "lms/mail/outbox.py",
        "        if not isinstance(to, str) and not _bare(to):\n",
        "        if False:\n",
        f"{TESTS}test_whatever_is_for_them_is_told_to_who_tells_them",
    ),
    mutant(
        "only the first lead is asked to tell them",
        "lms/mail/outbox.py",
        "            for number, reader in enumerate(readers)\n",
        "            for number, reader in enumerate(readers[:1])\n",
        f"{TESTS}test_news_goes_to_every_lead_and_a_copy_to_the_manager_once",
    ),
    mutant(
        "a lead of another agency reads what they do from one job",
        "agencies/no_email/telling.py",
        '    agency = getattr(about, "agency_id", None)\n',
        "    agency = None\n",
        f"{TESTS}test_what_they_do_from_one_job_is_told_to_the_lead_of_that_agency_alone",
    ),
    mutant(
        "no address is the address of everybody without one",
        "agencies/models.py",
        "        if not email:\n            return self.none()\n",
        "",
        f"{TESTS}test_nobody_signs_in_without_an_address",
    ),
    mutant(
        "an account without an address may sign in",
        "agencies/access.py",
        "    return person.is_active and bool(person.email) and is_real\n",
        "    return person.is_active and is_real\n",
        f"{TESTS}test_nobody_signs_in_without_an_address",
    ),
    mutant(
        "a name stands for somebody",
        FINDING,
        "    if not same:\n        raise NotFound(\n",
        "    if same:\n        return same[0]\n    if not same:\n        raise NotFound(\n",
        f"{TESTS}test_the_office_names_somebody_by_name_with_number_and_never_by_name_alone",
    ),
    mutant(
        "pressing twice adds two",
        ADDING,
        "        refuse_unseen(name, among, beside)\n",
        "",
        f"{TESTS}test_pressing_twice_adds_one_and_a_name_joins_nobody",
    ),
    mutant(
        "at the door nobody is asked who it is",
        "courses/attendance/register.py",
        "        adding.refuse_unseen(name, who_may_be(run, by), beside)\n",
        "",
        f"{TESTS}test_at_the_door_nobody_is_taken_for_another_of_the_name",
    ),
    mutant(
        "a trainer is shown people of an agency",
        "courses/attendance/register.py",
        '        Q(pk__in=booked) | Q(pk__in=Person.objects.visible_to(by).values("pk"))\n',
        "        Q(pk__in=booked) | Q(is_active=True)\n",
        f"{TESTS}test_a_trainer_learns_of_nobody_elsewhere",
    ),
    mutant(
        "a lead is shown people of another agency",
        "agencies/views/colleagues.py",
        '        people=Person.objects.filter(pk__in=staff.values("person")),\n',
        "        people=Person.objects.exclude(pk=request.user.pk),\n",
        f"{PAGES}test_a_lead_is_asked_who_it_is_and_sees_nobody_of_another_agency",
    ),
    mutant(
        "a lead gives an address to who works elsewhere too",
        ADDING,
        "    if others.exists():\n",
        "    if False:\n",
        f"{TESTS}test_another_lead_and_one_of_two_agencies_add_no_address",
    ),
    mutant(
        "a lead sees the certificates of all their staff",
        "certificates/models.py",
        '        cannot_sign_in = staff.filter(person__email=None).values("person")\n',
        '        cannot_sign_in = staff.values("person")\n',
        f"{TESTS}test_a_lead_sees_no_certificate_of_who_can_sign_in_or_works_elsewhere",
    ),
    mutant(
        "merging loses the only address",
        "agencies/merging/merging.py",
        "    if not kept.email and other.email:\n",
        "    if False:\n",
        f"{TESTS}test_merging_keeps_the_address_that_there_is_and_undoing_gives_it_back",
    ),
    mutant(
        "an address can be taken away",
        "agencies/accounts.py",
        "    if before and before.email:\n",
        "    if False:\n",
        f"{TESTS}test_the_office_adds_an_address_and_takes_none_away",
    ),
    mutant(
        "somebody without an address leads",
        "agencies/joining.py",
        "    if is_lead and not post.person.email:\n",
        "    if False:\n",
        f"{TESTS}test_nobody_without_an_address_leads_or_works_for_the_board",
    ),
    mutant(
        "joining instructions wait for answers that they cannot give",
        "courses/models/bookings.py",
        "        return is_open and bool(self.person.email)\n",
        "        return is_open\n",
        f"{TESTS}test_nothing_waits_for_answers_that_they_cannot_give",
    ),
    mutant(
        "who has no address is first in a list",
        "agencies/back_office/people.py",
        "email.asc(nulls_last=True)",
        "email.asc(nulls_first=True)",
        f"{PAGES}test_sorting_people_by_address_puts_who_has_none_last",
    ),
    mutant(
        "a list shows nothing in place of an address",
        "agencies/back_office/people.py",
        'Column("email_in_words", label="Email address", sort_key="email")',
        'Column("email", label="Email address", sort_key="email")',
        f"{PAGES}test_sorting_people_by_address_puts_who_has_none_last",
    ),
    mutant(
        "a page shows None",
        "templates/record/telephone_person.html",
        "<strong>{{ person.email_in_words }}</strong>",
        "<strong>{{ person.email }}</strong>",
        f"{PAGES}test_no_page_about_them_shows_none[office]",
    ),
    mutant(
        "a slip in an address makes somebody without one",
        "courses/booking/forms/agency.py",
        "[\\s,;:(<-]+(no|without)( an?)? email( address)?[\\s.)>]*",
        "([\\s,;:(<-]+(no|without)( an?)? email( address)?)?[\\s.)>]*",
        f"{PAGES}test_a_slip_in_an_address_makes_nobody_without_one",
    ),
]
