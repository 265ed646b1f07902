"""Mutants of what the office reads of the mail server, and of deadlines while it is away."""

from tests.mutants.mutant import Mutant

OUTAGE = "tests/courses/test_mail_outage.py"
OFFERS = (
    f"{OUTAGE}::test_no_offer_runs_out_while_the_mail_server_is_down_and_all_have_their_time_after"
)

MUTANTS = [
    Mutant(
        "the error of a mail server that is down is kept nowhere",
        "lms/mail/outages.py",
        (("    Mail.objects.ready().exclude(", "    Mail.objects.none().exclude("),),
        OFFERS,
    ),
    Mutant(
        "offers run out while the mail server is down",
        "courses/booking/outage.py",
        (("return begun if outages.current() else", "return ~Q(pk__in=[]) if True else"),),
        OFFERS,
    ),
    Mutant(
        "offers keep their old deadline when the mail server is back",
        "lms/mail/outages.py",
        (("        for path in settings.LMS_MAIL_IS_BACK_JOBS:", "        for path in []:"),),
        OFFERS,
    ),
    Mutant(
        "requests run out whose mail could not be sent",
        "courses/booking/approval.py",
        (("request.held_until = max(request.held_until or", "_ = max(request.held_until or"),),
        f"{OUTAGE}::test_a_request_whose_mail_waited_is_asked_again_with_the_whole_time",
    ),
]
