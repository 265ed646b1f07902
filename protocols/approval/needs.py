"""Tell people which drafts wait for their answer."""

from lms.registries.needs import Need
from protocols.models import Approval


class DraftsToApprove(Need):
    name = "drafts"
    order = 20
    template_name = "protocols/_drafts_to_approve.html"

    def things(self, person):
        return Approval.objects.to_answer(person)
