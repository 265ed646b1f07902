"""Process due rows as jobs did before rows were kept apart: the first bad one ends it for all."""

from django.db import transaction

from lms import jobs
from lms.mail import outbox


class Round(jobs.Round):
    def work(self, rows, do, *, step=""):
        if rows:
            with transaction.atomic(), outbox.batch():
                do(list(rows))
        return len(rows)


def for_each(job, due, do, *, most, step=""):
    for row in due[:most]:
        with transaction.atomic(), outbox.batch():
            do(row)
    return False


def for_some(job, due, do, *, most, step=""):
    Round(job).work(list(due[:most]), do)
    return False


def for_all(job, due, do, *, size=jobs.A_BATCH, step=""):
    this = Round(job)
    return sum(this.work(rows, do) for rows in this.batches(due, size=size))
