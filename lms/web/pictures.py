"""Serve pictures below MEDIA_URL, to which page content links, with permission checks."""

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe
from wagtail import hooks
from wagtail.images import get_image_model
from wagtail.permissions import policy_registry

# Hook of functions of a picture and a request, which refuse by raising Http404: as Wagtail's own
# "before_serve_document".
BEFORE_SERVING = "before_serve_picture"
# By file extension: types that a browser may show in a page and that cannot run scripts.
TYPES = {
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}


@require_safe
def serve(request, path):
    """Serve renditions to those who may see the collection, originals to those who may choose."""
    image, is_whole = _image_at(path)
    content_type = TYPES.get(path[path.rfind(".") :].lower())
    if not image or not content_type or not _may_have(request, image, is_whole):
        raise Http404
    for check in hooks.get_hooks(BEFORE_SERVING):
        check(image, request)
    try:
        file = default_storage.open(path)
    except FileNotFoundError as gone:
        raise Http404 from gone
    answer = FileResponse(file, content_type=content_type)
    # Covers the pages of one visit, while an editor who replaces the picture soon sees the new one.
    patch_cache_control(answer, private=True, max_age=300)
    return answer


def _image_at(path):
    """Return (image, is original) for this file path; the image may be None."""
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
