"""Let the editor of a page's body take several blocks at once from its script."""

from django import forms
from django.templatetags.static import static
from django.utils.functional import cached_property
from wagtail.admin.telepath import register
from wagtail.blocks.stream_block import StreamBlockAdapter

from lms.blocks import Body


class BodyAdapter(StreamBlockAdapter):
    """Wagtail's own block with a name of ours, which `styles/page-body.js` registers."""

    js_constructor = "lms.blocks.Body"

    @cached_property
    def media(self):
        return super().media + forms.Media(js=[static("build/page-body.js")])


register(BodyAdapter(), Body)
