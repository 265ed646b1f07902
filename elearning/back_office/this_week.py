"""Entry of *This week* about modules that teach an older version of their protocol."""

from django.urls import reverse

from elearning.authoring import states
from elearning.models import Module
from lms.registries.base import Item
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


ENTRIES = [ModulesBehind()]
