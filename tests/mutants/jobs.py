"""Mutants of each job without its isolation of rows, and of `lms.jobs` without each part."""

from tests.mutants.mutant import Mutant

BAD_ROWS = "tests/jobs/test_bad_rows.py::test_a_bad_row_keeps_nobody_else_waiting"
JOBS = "tests/jobs/test_jobs.py"
TOOL = "lms/jobs/__init__.py"


def unguarded(path, case, call, *, step=""):
    """Build a mutant whose job processes rows unguarded: the first bad one ends it."""
    file = path.rpartition(".")[0].replace(".", "/") + ".py"
    imports = ("from lms import jobs", "from tests.jobs import unguarded\nfrom lms import jobs")
    return Mutant(
        name=f"{path}{f', {step}' if step else ''}: rows are not kept apart",
        file=file,
        changes=(imports, (call, call.replace("jobs.", "unguarded."))),
        test=f"{BAD_ROWS}[{path}-{case}]",
    )


def replaced(name, file, old, new, test):
    return Mutant(name, file, ((old, new),), test)


MUTANTS = [
    unguarded("courses.booking.expiry.lapse_offers", "offers", "jobs.Round(lapse_offers)"),
    unguarded(
        "courses.booking.outage.keep_offers",
        "offers_no_email_told_of",
        "jobs.for_each(keep_offers",
    ),
    unguarded(
        "courses.booking.outage.ask_again",
        "requests_no_email_told_of",
        "jobs.for_each(ask_again",
    ),
    unguarded(
        "courses.booking.expiry.pursue_requests",
        "silent_managers",
        "jobs.for_each(pursue_requests",
        step="reminding",
    ),
    unguarded(
        "courses.booking.expiry.pursue_requests",
        "passed_on_to_leads",
        "jobs.for_each(pursue_requests",
        step="passing on",
    ),
    unguarded(
        "courses.booking.expiry.pursue_requests",
        "requests_that_begin",
        "jobs.for_each(pursue_requests",
        step="ending",
    ),
    unguarded(
        "courses.booking.expiry.release_reserves", "reserves", "jobs.for_each(release_reserves"
    ),
    replaced(
        "courses.booking.expiry.offer_again: one in the queue ends it for all",
        "courses/booking/booking.py",
        "        return _give_to_each(run, by=by)",
        "        raise",
        f"{BAD_ROWS}[courses.booking.expiry.offer_again-passed_over]",
    ),
    unguarded(
        "lms.registries.leavers.pass_on",
        "jobs_nobody_heard_of",
        "jobs.for_all(",
    ),
    unguarded("courses.scheduling.reminders.remind", "reminders", "jobs.Round(remind)"),
    unguarded("courses.scheduling.trainers.send_packs", "trainers", "jobs.Round(send_packs)"),
    unguarded("courses.evaluation.evaluation.remind", "unanswered", "jobs.for_some(remind"),
    unguarded(
        "courses.evaluation.evaluation.invite_later", "months_later", "jobs.Round(invite_later)"
    ),
    replaced(
        "courses.completion.awarding.award_again: one that cannot be made ends it",
        "courses/completion/awarding.py",
        "        this.fail(completion, error)",
        "        raise",
        f"{BAD_ROWS}[courses.completion.awarding.award_again-certificates]",
    ),
    unguarded("protocols.readers.alerts.send", "subscribers", "jobs.Round(send)"),
    unguarded(
        "protocols.editions.scheduling.publish_due",
        "scheduled",
        "jobs.for_each(publish_due, due",
    ),
    unguarded("search.indexer.sync", "findable", "jobs.Round(sync)"),
    replaced(
        "lms.jobs.nightly.try_again: a job that fails ends it for all",
        TOOL,
        "        _record(path, error)\n        return False",
        "        raise",
        "tests/jobs/test_bad_rows.py::"
        "test_a_nightly_job_that_fails_each_time_keeps_no_other_from_being_tried_again",
    ),
    *(
        unguarded("privacy.erasing.erase_what_is_due", case, "jobs.for_all(erase", step=case)
        for case in ("finished_tasks", "access_needs", "old_sheets", "unconfirmed", "old_emails")
    ),
    replaced(
        "courses.booking.nightly_checks.check_counters: that it failed is not recorded",
        TOOL,
        "        _record(path, error)\n        return False",
        "        return False",
        "tests/jobs/test_bad_rows.py::"
        "test_a_check_that_fails_as_a_whole_is_shown_and_run_again_alone",
    ),
    unguarded("agencies.staff_list_review.ask_leads", "leads", "jobs.for_all(ask_leads"),
    unguarded(
        "courses.scheduling.minimum_numbers.tell_office",
        "below_minimum",
        "jobs.for_all(tell_office",
    ),
    unguarded("protocols.cascade.reminders.chase", "cascades_refused", "jobs.Round(chase)"),
    replaced(
        "protocols.cascade.reminders.chase: chased though nobody can be written to",
        "protocols/cascade/reminders.py",
        "reachable = _without_unreachable(this, due)",
        "reachable = due",
        f"{BAD_ROWS}[protocols.cascade.reminders.chase-cascades]",
    ),
    unguarded("protocols.approval.reminders.chase", "drafts_that_wait", "jobs.Round(chase)"),
    unguarded(
        "protocols.approval.reminders.chase", "authors", "jobs.Round(chase)", step="telling authors"
    ),
    unguarded("protocols.editions.reviews.tell_owners", "reviews", "jobs.Round(tell_owners)"),
    unguarded("search.indexer.forget_terms", "unused_words", "jobs.Round(forget_terms)"),
    replaced(
        "lms.jobs.worker.requeue_orphaned: one task row ends it for all",
        "lms/jobs/worker.py",
        "            this.work([task], do)",
        "            do([task])",
        "tests/lms/test_worker.py::test_a_task_whose_row_is_damaged_keeps_no_other_task_waiting",
    ),
    replaced(
        "lms.jobs.worker: a task that cannot be claimed stays the first",
        "lms/jobs/worker.py",
        "            task.set_failed(error)\n            return False",
        "            raise",
        "tests/lms/test_worker.py::test_a_task_whose_row_is_damaged_keeps_no_other_task_waiting",
    ),
    # The tool
    replaced(
        "lms.jobs: a bad row is tried again at once",
        TOOL,
        "        return due.exclude(Exists(paused",
        "        return due.all() or due.exclude(Exists(paused",
        f"{BAD_ROWS}[courses.evaluation.evaluation.remind-unanswered]",
    ),
    replaced(
        "lms.jobs: pauses do not grow",
        TOOL,
        "PAUSES[min(failure.tries, len(PAUSES) - 1)]",
        "PAUSES[0]",
        f"{BAD_ROWS}[courses.evaluation.evaluation.remind-unanswered]",
    ),
    replaced(
        "lms.jobs: a failure outlives its row",
        TOOL,
        "        _forget(failures.exclude(Exists(named",
        "        (failures.exclude(Exists(named",
        f"{JOBS}::test_a_failure_disappears_with_its_row_or_when_it_is_no_longer_due",
    ),
    replaced(
        "lms.jobs: a failure outlives the success of its row",
        TOOL,
        "        this.finish()",
        "        pass",
        f"{BAD_ROWS}[protocols.editions.reviews.tell_owners-reviews]",
    ),
    replaced(
        "lms.jobs: a job that is broken is tried with every row there is",
        TOOL,
        "AT_FAULT = 100",
        "AT_FAULT = 100_000",
        f"{JOBS}::test_a_job_of_which_every_row_fails_is_at_fault_itself",
    ),
    replaced(
        "lms.jobs: a database that is away is taken for a bad row",
        TOOL,
        "DATABASE_IS_AWAY = (OperationalError, InterfaceError)",
        "DATABASE_IS_AWAY = (InterfaceError,)",
        f"{JOBS}::test_a_database_that_is_away_is_not_a_bad_row",
    ),
    replaced(
        "lms.jobs: one row at a time from the first failure on",
        TOOL,
        "        half = len(rows) // 2",
        "        half = 1",
        f"{JOBS}::test_a_bad_row_ends_up_alone_in_few_tries_and_leaves_no_mail_behind",
    ),
    replaced(
        "lms.gathering: what a failed row posted is sent all the same",
        "lms/gathering.py",
        "        del rows[before:]\n",
        "",
        f"{JOBS}::test_who_is_given_a_place_beside_a_bad_row_has_one_mail",
    ),
    replaced(
        "lms.mail: one wrong address keeps the others from being told",
        "lms/mail/outbox.py",
        "    except AddressRefused:\n        return False",
        "    except AddressRefused:\n        raise",
        f"{JOBS}::test_of_several_who_are_told_one_thing_a_wrong_address_keeps_nobody_from_it",
    ),
    replaced(
        "courses.scheduling.trainers.send_packs: every date of tomorrow is locked",
        "courses/scheduling/trainers.py",
        "    return teaching.filter(~Exists(had))",
        "    return teaching",
        f"{JOBS}::test_what_is_asked_before_packs_are_sent_does_not_grow_with_the_dates",
    ),
    replaced(
        "lms.jobs: monitoring hears of each failure at once",
        "lms/jobs/models.py",
        "REPORTED_AFTER = timedelta(hours=1)",
        "REPORTED_AFTER = timedelta()",
        f"{JOBS}::test_all_is_well_until_something_has_failed_for_an_hour",
    ),
]
