"""Issue packages and play them as the content host does, for tests."""

from django.core.files.base import ContentFile

from elearning.authoring import issuing
from elearning.learning import learning
from elearning.models import Attempt, ItemState, Rule
from elearning.packages import bringing
from elearning.playing import saving, tokens
from tests.elearning.modules import make_module
from tests.elearning.packages.made import item, manifest, packed, resource
from tests.factories import PersonFactory, PostFactory


def issued(parts=1, standard="1.2", rule=Rule.AS_IT_SAYS, attempts_allowed=3, **more):
    names = [f"p{number}" for number in range(1, parts + 1)]
    kind = "scormtype" if standard == "1.2" else "scormType"
    files = {
        "imsmanifest.xml": manifest(
            standard,
            items="".join(item(name, name.upper(), **more) for name in names),
            resources="".join(resource(name, f"{name}.html", kind=kind) for name in names),
        )
    } | {f"{name}.html": f"<p>{name}</p>" for name in names}
    module = make_module(pools=[], pass_mark=80, attempts_allowed=attempts_allowed)
    office = PersonFactory()
    package = bringing.receive(module, ContentFile(packed(files).getvalue(), "a.zip"), by=office)
    bringing.bring_in.func(package.pk)
    package.refresh_from_db()
    return issuing.issue_package(package, rule, by=office, what_changed="First.")


class Playing:
    """Part of an attempt that somebody has begun to play."""

    def __init__(self, version, part="p1", person=None):
        self.attempt = learning.begin(version.module, by=person or PostFactory().person)
        self.item = version.package.items.get(identifier=part)
        self.token = tokens.make_token(self.attempt.pk, self.item.pk, version.package.sha256)

    def open(self):
        return str(saving.open_session(self.attempt, self.item).attempt.session)

    def say(self, session, number, ends=False, **changed):
        changed = {name.replace("__", "."): value for name, value in changed.items()}
        return self.report(session, number, changed, ends=ends)

    def report(self, session, number, changed, *, ends=False):
        about = self.attempt.pk, self.item.pk
        return saving.report(*about, str(session), number, changed, ends=ends)

    @property
    def now(self):
        return Attempt.objects.get(pk=self.attempt.pk).state

    @property
    def state(self):
        return ItemState.objects.get(attempt=self.attempt, key=self.item.identifier)
