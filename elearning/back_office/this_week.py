"""Entries of *This week* about attempts that are used up, and modules behind their protocol."""

from django.urls import reverse

from elearning.authoring import states
from elearning.models import Attempt, Module
from lms.formatting import day
from lms.registries.base import Action, Item
from lms.registries.this_week import WeekEntry


class ModulesBehind(WeekEntry):
    name = "modules_behind"
    order = 76
    heading = "Online modules behind their protocol"
    quiet = "Every online module teaches the version of its protocol that is in force."
    more_ends = "are behind their protocol"

    def rows(self, viewer):
        return states.behind(Module.objects.order_by("title", "pk"))

    def item(self, module):
        address = reverse("module:edit", args=[module.pk])
        return Item(module.title, address, states.behind_of(module))

    def more_address(self):
        return f"{reverse('module:index')}?behind=yes"


class AttemptsUsedUp(WeekEntry):
    """People who have no attempt left at a module, the longest ago first."""

    name = "module_attempts_used_up"
    order = 32
    heading = "Attempts at a module used up"
    quiet = "Nobody waits for another attempt at an online module."
    more_ends = "wait for another attempt"

    def rows(self, viewer):
        attempts = Attempt.objects.visible_to(viewer).used_up()
        found = attempts.select_related("person", "version").defer("version__content")
        return found.order_by("ended_at", "pk")

    def item(self, attempt):
        person, title = attempt.person, attempt.version.title
        waive = reverse("module:waive", args=[person.pk])
        score = "not passed" if attempt.score is None else attempt.score_in_words
        return Item(
            person.name,
            reverse("telephone_person", args=[person.pk]),
            f"{title}: {score} on {day(attempt.ended_at)}",
            actions=(
                Action(
                    "Give another attempt",
                    reverse("module:grant", args=[attempt.pk]),
                    f" to {person}: {title}",
                ),
                Action(
                    "Count as done",
                    f"{waive}?module={attempt.module_id}",
                    f" for {person}: {title}",
                ),
            ),
        )

    def more_address(self):
        return reverse("module:index")


ENTRIES = [AttemptsUsedUp(), ModulesBehind()]
