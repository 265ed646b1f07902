"""Read-only admin: list, detail page and confirm-then-act buttons for domain-managed records."""

from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.text import capfirst
from wagtail.admin.ui.tables import TitleColumn
from wagtail.admin.views import generic

from agencies.back_office.listing import OfficeIndexView
from agencies.back_office.recorded import OfficeViewSet

# select_related() without a name follows every foreign key.
NOTHING_MORE: tuple[str | None, ...] = (None,)


class ReadOnlyIndexView(OfficeIndexView):
    """List of the objects that the viewer may see, with detail pages and plain exports."""

    related = NOTHING_MORE
    # Labels of choice columns in exports, by column and value.
    in_words: dict[str, dict[str, str]] = {}

    def get_add_url(self):
        return None

    def get_edit_url(self, instance):
        return None

    def get_base_queryset(self):
        found = self.model.objects.visible_to(self.request.user)
        if self.is_export:
            return found.values(*self.list_export)
        return found.select_related(*self.related)

    def to_row_dict(self, row):
        return row | {name: words[row[name]] for name, words in self.in_words.items()}

    def title_column(self, name, **kwargs):
        column = self._get_title_column_class(TitleColumn)
        return column(name, get_url=self.get_inspect_url, **kwargs)

    def get_list_buttons(self, instance):
        return []


class ReadOnlyDetailView(generic.InspectView):
    """Detail page of one object that the viewer may see, with its facts and actions."""

    header_more_buttons = []
    related = NOTHING_MORE

    def get_queryset(self):
        return self.model.objects.visible_to(self.request.user).select_related(*self.related)

    def get_object(self, queryset=None):
        return get_object_or_404(self.get_queryset(), pk=self.pk)

    def get_breadcrumbs_items(self):
        plural = capfirst(self.model._meta.verbose_name_plural)
        index = {"url": reverse(self.index_url_name), "label": plural}
        return [*self.breadcrumbs_items, index, {"url": "", "label": self.get_page_subtitle()}]

    def get_fields_context(self):
        """Return no fields: `facts` replaces Wagtail's own list."""
        return []

    def facts(self):
        """List pairs of label and text; pairs with empty text are left out."""
        raise NotImplementedError

    def get_context_data(self, **kwargs):
        facts = [(label, value) for label, value in self.facts() if value]
        return super().get_context_data(facts=facts, **kwargs)


class ReadOnlyViewSet(OfficeViewSet):
    """List and detail pages, with confirm-then-act buttons: `actions`, by name."""

    form_fields: list[str] = []
    copy_view_enabled = False
    inspect_view_enabled = True
    actions: dict[str, type] = {}

    def get_urlpatterns(self):
        return super().get_urlpatterns() + [
            path(f"{name}/<int:pk>/", self.construct_view(view), name=name)
            for name, view in self.actions.items()
        ]
