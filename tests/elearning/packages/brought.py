"""Make packages that were received, and brought in, for tests."""

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from elearning.packages import bringing
from tests.elearning.modules import make_module
from tests.elearning.packages.made import packed
from tests.factories import PersonFactory


def package_file(files=None, name="package.zip", **more):
    """Return a zip as a form sends it."""
    return SimpleUploadedFile(name, packed(files, **more).getvalue())


def make_package(files=None, *, module=None, by=None, **more):
    """Bring in a package of one part, or of these files, for a module without lessons."""
    module = module or make_module(pools=[], pass_mark=80)
    file = ContentFile(packed(files, **more).getvalue(), "package.zip")
    package = bringing.receive(module, file, by=by or PersonFactory())
    bringing.bring_in.func(package.pk)
    package.refresh_from_db()
    return package
