"""Who is given a picture that lies below MEDIA_URL? What is written into pages leads here."""

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe
from wagtail.images import get_image_model
from wagtail.permissions import policy_registry

# By the end of its name: what a browser may show within a page, and nothing that could run there.
TYPES = {
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}


@require_safe
def serve(request, path):
    """Each size of it to whom its collection is open; all of it to who may choose it."""
    image, is_whole = _image_at(path)
    content_type = TYPES.get(path[path.rfind(".") :].lower())
    if not image or not content_type or not _may_have(request, image, is_whole):
        raise Http404
    try:
        file = default_storage.open(path)
    except FileNotFoundError as gone:
        raise Http404 from gone
    answer = FileResponse(file, content_type=content_type)
    # Long enough for the pages of one visit: an editor who replaces it sees the new one soon.
    patch_cache_control(answer, private=True, max_age=300)
    return answer


def _image_at(path):
    """The picture of which this file is a size, or the whole."""
    images = get_image_model().objects.select_related("collection")
    renditions = get_image_model().get_rendition_model().objects.filter(file=path)
    if size := renditions.first():
        return images.get(pk=size.image_id), False
    return images.filter(file=path).first(), True


def _may_have(request, image, is_whole):
    choosing = policy_registry.get_by_type(type(image))
    if choosing.user_has_permission_for_instance(request.user, "choose", image):
        return True
    restrictions = image.collection.get_view_restrictions()
    return not is_whole and all(each.accept_request(request) for each in restrictions)
