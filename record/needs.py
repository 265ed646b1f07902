"""Tell people which offers and evaluations wait for their answer."""

from lms.registries.needs import Need
from record import learning


class Offers(Need):
    name = "offers"
    order = 30
    template_name = "record/_offers.html"

    def things(self, person):
        return learning.own_record(person)["offered"]


class Evaluations(Need):
    name = "evaluations"
    order = 40
    template_name = "courses/_evaluations_to_answer.html"

    def things(self, person):
        return learning.own_record(person)["to_evaluate"]
