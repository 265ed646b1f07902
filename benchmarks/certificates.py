"""How many certificates does a CPU second make, each with its QR?"""

from time import process_time

from certificates import rendering
from certificates.models import Certificate
from courses import awarding
from courses.models import Completion

NUMBER, MOST_KIB = 60, 110


def measure(database_url, folder):
    completions = list(
        Completion.objects.filter(evidence=None)
        .order_by("pk")
        .select_related("person", "course", "agency")[: NUMBER + 1]
    )
    awarding.award_certificate(completions.pop(), by="BENCHMARK")
    began = process_time()
    made = [awarding.award_certificate(each, by="BENCHMARK") for each in completions]
    spent = process_time() - began
    began = process_time()
    for certificate in made:
        rendering.render(certificate)
    drawing = process_time() - began
    largest = max(Certificate.objects.values_list("size", flat=True)) / 1024
    yield f"## Certificates ({len(made)}, one after the other, each with its QR)"
    yield ""
    yield f"- {len(made) / drawing:.1f} drawn a CPU second; the largest has {largest:.0f} KiB"
    yield f"- {len(made) / spent:.1f} numbered, drawn, stored, recorded and mailed a CPU second"
    yield f"- Goal: at least 14 a CPU second, each under {MOST_KIB} KiB"
