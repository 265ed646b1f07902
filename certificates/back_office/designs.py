"""Admin views to edit certificate designs, with a live preview."""

import io

from django.db.models import Count, Max
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.views.generic import FormView, View
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, NumberColumn
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin

from agencies.back_office.confirm_action import AskView
from agencies.back_office.listing import as_day
from agencies.back_office.overtaken import OvertakenMixin, lock
from agencies.back_office.read_only import ReadOnlyDetailView, ReadOnlyIndexView, ReadOnlyViewSet
from agencies.models import Person
from certificates.designs import designing
from certificates.designs.forms import DesignForm
from certificates.designs.placeholders import PLACEHOLDERS
from certificates.models import Design, DesignVersion, Picture
from history.models import Event
from lms.printing import pdfs

# Pixels per point of the preview: sharp on screen and fast to render.
SCALE = 1.6


def in_use_for(design):
    if design.is_default:
        return "Every course that names no other"
    return "Courses that name it" if design.of_courses else "Nothing"


class DesignIndexView(ReadOnlyIndexView):
    page_title = "Certificate designs"
    add_item_label = "Add a design"

    def get_add_url(self):
        return reverse("design:add")

    def get_base_queryset(self):
        found = super().get_base_queryset() if not self.is_export else Design.objects.all()
        return found.annotate(
            version=Max("versions__number"),
            certificates=Count("versions__certificates", distinct=True),
            of_courses=Count("courses", distinct=True),
        )

    def to_row_dict(self, design):
        return {name: getattr(design, name) for name in self.list_export}

    @property
    def columns(self):
        return [
            self.title_column("name", label="Name", sort_key="name"),
            Column("is_default", accessor=in_use_for, label="In use for"),
            NumberColumn("version", label="Version"),
            NumberColumn("of_courses", label="Courses"),
            NumberColumn("certificates", label="Certificates"),
        ]


def who_uses(design):
    """Say in a sentence which new certificates are made with a design."""
    if design.is_default:
        return "New certificates of every course that names no other design are made with it."
    many = design.courses.count()
    if not many:
        return "No course uses it yet: choose it in a course, or make it the board’s default."
    courses = "1 course" if many == 1 else f"{many} courses"
    return f"New certificates of {courses} are made with it."


class DesignPage(ReadOnlyDetailView):
    page_title = "Certificate design"

    def get_page_subtitle(self):
        return self.object.name

    def facts(self):
        design = self.object
        courses = design.courses.order_by("title")
        return [
            ("In use for", "Every course that names no other" if design.is_default else ""),
            ("Courses that name it", "\n".join(course.title for course in courses)),
        ]

    def get_context_data(self, **kwargs):
        versions = self.object.versions.annotate(many=Count("certificates"))
        events = {e.now.get("version"): e for e in Event.objects.about(self.object)}
        names = dict(
            Person.objects.filter(pk__in={e.by_person for e in events.values()}).values_list(
                "pk", "name"
            )
        )
        told = [
            (version, changed_by(version, events.get(version.number), names))
            for version in versions
        ]
        return super().get_context_data(design=self.object, versions=told, **kwargs)


def changed_by(version, event, names):
    """Describe when a version was made, by whom, and what it changed."""
    words = [as_day(version.made_at)]
    if event:
        words.append(f"by {names.get(event.by_person, 'somebody')}")
        fields = [DesignVersion._meta.get_field(n) for n in event.now.get("changed", [])]
        if fields:
            words.append("changed: " + ", ".join(str(field.verbose_name) for field in fields))
    return ", ".join(words)


class DesignView(OvertakenMixin, PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):
    """Form to add or change a design, with a preview that follows the input."""

    model = None
    form_class = DesignForm
    template_name = "certificates/back_office/design_form.html"
    header_icon = "image"
    permission_required = "change"
    index_url_name = None

    def dispatch(self, request, *args, pk=None, **kwargs):
        self.design = None
        if pk and self.user_has_permission(self.permission_required):
            self.design = get_object_or_404(Design.objects.visible_to(request.user), pk=pk)
        return super().dispatch(request, *args, **kwargs)

    @property
    def page_title(self):
        return f"Change {self.design}" if self.design else "Add a certificate design"

    def get_breadcrumbs_items(self):
        index = {"url": reverse(self.index_url_name), "label": DesignIndexView.page_title}
        return [*super().get_breadcrumbs_items(), index, {"url": "", "label": self.page_title}]

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"design": self.design}

    def overtaken_record(self):
        return self.design

    def fresh_record(self):
        if self.design:
            lock(self.design)
            self.design = self.design._meta.model._base_manager.get(pk=self.design.pk)

    def get_success_url(self):
        return reverse("design:inspect", args=[self.design.pk])

    def get_preview_url(self):
        return reverse("design:preview", args=[self.design.pk] if self.design else [])

    def form_valid(self, form):
        try:
            design = form.save(by=self.request.user)
        except designing.DesignRefused as refused:
            form.add_error(None, str(refused))
            return self.form_invalid(form)
        messages.success(
            self.request,
            f"{design}: version {design.current.number} is saved. {who_uses(design)}",
        )
        return redirect("design:inspect", design.pk)

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            preview_url=self.get_preview_url(), placeholders=PLACEHOLDERS, **kwargs
        )


class PreviewView(DesignView):
    """Preview of a fictitious certificate as PNG, of the form's input or of a saved version."""

    def post(self, request, *args, **kwargs):
        """Draw what was entered: a preview locks and overtakes nothing."""
        return FormView.post(self, request, *args, **kwargs)

    def get(self, request, *args, **kwargs):
        look = DesignVersion()
        if self.design:
            number = request.GET.get("version", "")
            versions = self.design.versions
            look = (
                versions.filter(number=number).first() if number.isdecimal() else versions.first()
            )
        if look is None:
            raise Http404
        return picture_of(designing.drawn(look))

    def get_form(self, form_class=None):
        """Make the design's name optional, as it is not printed."""
        form = super().get_form(form_class)
        form.fields["name"].required = False
        return form

    def form_valid(self, form):
        try:
            return picture_of(designing.drawn(form.look()))
        except designing.DesignRefused as refused:
            return sentences([str(refused)])

    def form_invalid(self, form):
        return sentences(
            f"{form[name].label}: {why}" if name in form.fields else why
            for name, errors in form.errors.items()
            for why in errors
        )


def sentences(why):
    return HttpResponse("\n".join(why), content_type="text/plain; charset=utf-8")


def picture_of(pdf):
    drawn = io.BytesIO()
    with pdfs.opened(pdf) as document:
        picture = document[0].render(scale=SCALE).to_pil()
    picture.save(drawn, "PNG")
    return HttpResponse(drawn.getvalue(), content_type="image/png")


class PictureView(PermissionCheckedMixin, View):
    """Logo or signature as stored."""

    model = None
    permission_required = "view"

    def get(self, request, sha256):
        picture = get_object_or_404(Picture, pk=sha256)
        return HttpResponse(bytes(picture.content), content_type="image/jpeg")


class DefaultView(AskView):
    button = "Make it the board's default"
    permission_required = "change"
    header_icon = "image"

    def question(self):
        return (
            "Certificates of every course that names no other design look like this from now on. "
            "Those that were issued before stay as they are."
        )

    def perform(self):
        designing.make_default(self.object, by=self.request.user)

    def success_message(self):
        return f"{self.object} is the board's default."


class DeliveredView(DefaultView):
    button = "Make it the default no longer"

    def question(self):
        return (
            "Certificates of every course that names no design look as this software delivers them "
            "from now on. Those that were issued before stay as they are."
        )

    def perform(self):
        designing.make_default(None, by=self.request.user)

    def success_message(self):
        return "Certificates look as this software delivers them."


class DesignViewSet(ReadOnlyViewSet):
    model = Design
    icon = "image"
    menu_label = "Certificate designs"
    list_export = ["name", "is_default", "version", "of_courses", "certificates"]
    export_headings = {
        "name": "Name", "is_default": "The board's default", "version": "Version",
        "of_courses": "Courses that name it", "certificates": "Certificates",
    }  # fmt: skip
    export_filename = "certificate-designs"
    search_fields = ["name"]
    ordering = "name"
    index_view_class = DesignIndexView
    inspect_view_class = DesignPage
    inspect_template_name = "certificates/back_office/design.html"
    actions = {"default": DefaultView, "delivered": DeliveredView}
    add_to_settings_menu = True
    menu_order = 400

    def get_urlpatterns(self):
        preview = self.construct_view(PreviewView)
        return [
            path("new/", self.construct_view(DesignView), name="add"),
            path("edit/<int:pk>/", self.construct_view(DesignView), name="edit"),
            path("preview/", preview, name="preview"),
            path("preview/<int:pk>/", preview, name="preview"),
            path("picture/<slug:sha256>/", self.construct_view(PictureView), name="picture"),
            *super().get_urlpatterns(),
        ]
