"""Files of issued versions, at addresses whose content never changes."""

from django.db.models import Q
from django.http import Http404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe
from wagtail.permissions import policy_registry

from elearning.authoring.recordings import files_of
from elearning.models import Recording, VersionFile
from lms.storage import ranges
from lms.web.pictures import TYPES
from protocols.drafts.copies import FILES

# Types that a browser may show or play in a page, and that cannot run scripts.
SHOWN = {*TYPES.values(), "video/mp4", "video/webm", "audio/mpeg", "audio/mp4", "text/vtt"}


@require_safe
def file(request, mark):
    """Serve a version's own copy of a picture, document or recording.

    As the module's page, for everybody; the address cannot be guessed.
    """
    kept = VersionFile.objects.filter(sha256__startswith=mark).first() or of_draft(request, mark)
    if not kept or mark != kept.mark:
        raise Http404
    is_shown = kept.content_type in SHOWN
    answer = ranges.served(
        request,
        lambda: FILES.storage.open(str(kept.file)),
        lambda: FILES.download(str(kept.file), kept.sha256, of=f"module file {kept.pk}"),
        size=kept.size,
        sha256=kept.sha256,
        content_type=kept.content_type if is_shown else "application/octet-stream",
    )
    answer["X-Content-Type-Options"] = "nosniff"
    if not is_shown:
        answer["Content-Disposition"] = content_disposition_header(True, kept.name)
    return answer


def of_draft(request, mark):
    """Return a file of a recording that no version has yet, for whoever writes modules."""
    if not policy_registry.get_by_type(Recording).user_has_permission(request.user, "view"):
        return None
    either = Q(sha256__startswith=mark) | Q(captions_sha256__startswith=mark)
    recording = Recording.objects.filter(either).first()
    files = [VersionFile(**each) for each in files_of(recording)] if recording else []
    return next((each for each in files if each.mark == mark), None)
