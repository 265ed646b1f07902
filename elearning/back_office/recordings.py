"""Back-office list of recordings: videos and sound of modules, with captions and transcript."""

from django import forms
from django.conf import settings
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.ui.tables import BooleanColumn, Column, TitleColumn
from wagtail.admin.views import generic

from agencies.back_office.listing import DayColumn, OfficeIndexView
from agencies.back_office.overtaken import OvertakenMixin
from agencies.back_office.recorded import OfficeViewSet
from elearning.authoring import recordings
from elearning.models import Recording

KINDS = {
    "video/mp4": "Video, MP4", "video/webm": "Video, WebM", "audio/mpeg": "Audio, MP3",
    "audio/mp4": "Audio, M4A",
}  # fmt: skip
EXPORTED = {"title": "Title", "kind": "File", "captions": "Captions", "transcript": "Transcript"}


class RecordingForm(WagtailAdminModelForm):
    """Form of a recording; its file is chosen once, so that nothing changes under a version."""

    upload = forms.FileField(label="Video or audio", widget=forms.FileInput)
    vtt = forms.FileField(
        label="Captions",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".vtt"}),
        help_text="A WebVTT file (.vtt). A video needs it before a version is issued.",
    )

    class Meta:
        model = Recording
        fields = ["title", "transcript"]

    field_order = ["title", "upload", "vtt", "transcript"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["upload"]
            if self.instance.captions:
                self.fields[
                    "vtt"
                ].help_text = "It has captions. Choose a WebVTT file (.vtt) to replace them."
        else:
            self.fields["upload"].help_text = (
                f"MP4, WebM, MP3 or M4A, of {settings.LMS_RECORDING_MB} MB at most. It cannot be "
                "replaced later: add another recording instead."
            )

    def clean_upload(self):
        file = self.cleaned_data["upload"]
        try:
            recordings.refuse_unless_recording(file)
        except recordings.RecordingRefused as refused:
            raise forms.ValidationError(str(refused)) from refused
        return file

    def clean_vtt(self):
        file = self.cleaned_data["vtt"]
        if not file:
            return ""
        try:
            return recordings.captions_in(file.read(recordings.MOST_CAPTIONS + 1))
        except recordings.RecordingRefused as refused:
            raise forms.ValidationError(str(refused)) from refused

    def save(self, commit=True):
        said = {
            "title": self.cleaned_data["title"],
            "captions": self.cleaned_data["vtt"],
            "transcript": self.cleaned_data["transcript"],
            "by": self.for_user,
        }
        if self.instance.pk:
            return recordings.change(self.instance, **said)
        self.instance = recordings.add(file=self.cleaned_data["upload"], **said)
        return self.instance


def kind_of(recording):
    return KINDS.get(recording.content_type, recording.content_type)


class RecordingIndexView(OfficeIndexView):
    page_title = "Recordings"
    add_item_label = "Add a recording"

    @property
    def columns(self):
        title = self._get_title_column_class(TitleColumn)
        return [
            title("title", label="Title", sort_key="title", get_url=self.get_edit_url),
            Column("kind", accessor=kind_of, label="File"),
            BooleanColumn("captions", label="Captions"),
            BooleanColumn("transcript", label="Transcript"),
            DayColumn("added_at", label="Added", sort_key="added_at"),
        ]

    def to_row_dict(self, recording):
        return {
            "title": recording.title,
            "kind": kind_of(recording),
            "captions": bool(recording.captions),
            "transcript": bool(recording.transcript),
        }


class RecordingCreateView(generic.CreateView):
    page_title = "Add a recording"
    success_message = "‘%(object)s’ is added. Choose it in a lesson, as Video or audio."

    def get_success_buttons(self):
        return []


class RecordingEditView(OvertakenMixin, generic.EditView):
    success_message = "‘%(object)s’ is saved. Versions that are issued keep what they have."

    def get_success_buttons(self):
        return []


class RecordingViewSet(OfficeViewSet):
    model = Recording
    icon = "media"
    menu_label = "Recordings"
    search_fields = ["title"]
    list_export = list(EXPORTED)
    export_headings = EXPORTED
    export_filename = "recordings"
    ordering = "title"
    copy_view_enabled = False
    index_view_class = RecordingIndexView
    add_view_class = RecordingCreateView
    edit_view_class = RecordingEditView

    def get_form_class(self, for_update=False):
        return RecordingForm
