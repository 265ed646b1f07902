"""Tasks for tests only."""

from django_tasks import task

done = []


@task()
def note(word):
    done.append(word)


@task()
def fail():
    raise ValueError("not today")
