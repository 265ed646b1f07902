"""List the demonstration's invented people, one per role, to sign in as."""

from agencies.models import Person

# One persona per role: role, name, address. For development only: agencies.signing_in refuses
# invented people everywhere else.
PERSONAS = [
    ("professional", "Amina Yusuf", "amina.yusuf@solent-health.example.org"),
    ("agency lead", "Graham Tilley", "graham.tilley@solent-health.example.org"),
    ("line manager", "Beth Okafor", "beth.okafor@solent-health.example.org"),
    ("trainer", "Ruth Penhaligon", "ruth.penhaligon@board.example.org"),
    ("training administrator", "Dan Mercer", "dan.mercer@board.example.org"),
    ("protocol editor", "Sian Prosser", "sian.prosser@board.example.org"),
    ("policy lead", "Hannah Brook", "hannah.brook@board.example.org"),
    ("Case Review Committee chair", "Joseph Adeleke", "joseph.adeleke@board.example.org"),
    ("board member", "Margaret Ade", "margaret.ade@board.example.org"),
]


def sign_ins() -> list[str]:
    """List a line for each persona in this database; none if it holds no demonstration."""
    addresses = [email for _, _, email in PERSONAS]
    here = set(
        Person.objects.filter(email__in=addresses, is_invented=True).values_list("email", flat=True)
    )
    lines = [f"{role:<30}{email}" for role, _, email in PERSONAS if email in here]
    how = "Sign in with one of these addresses; the code that is sent arrives at /dev/mail/"
    return [how, *lines] if lines else []
