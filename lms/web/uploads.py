"""Check that files that staff upload are of the type that their name says.

Extensions and sizes are checked by Wagtail itself (WAGTAILDOCS_ and WAGTAILIMAGES_ in the
settings); it uses these forms for the rest.
"""

from pathlib import Path
from typing import IO

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from PIL import Image
from wagtail.admin.views.account import AccountView as WagtailsAccountView
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm

# By extension: bytes found within the first 1,024 of such a file.
MARKS = {"pdf": b"%PDF-", "rtf": b"{\\rtf"}
MARKS |= dict.fromkeys(["docx", "odp", "ods", "odt", "pptx", "xlsx"], b"PK\x03\x04")


class DocumentForm(BaseDocumentForm):
    def clean_file(self):
        file = self.cleaned_data["file"]
        if isinstance(file, UploadedFile):
            refuse_unless_marked(file)
        return file

    def add_error(self, field, error):
        """Drop Wagtail's second error, a missing extension, for a file already refused."""
        if field is None and "file" in self.errors:
            error = {
                name: why for name, why in error.update_error_dict({}).items() if name != "file"
            }
            error = ValidationError(error)
        super().add_error(field, error)


class PictureField(WagtailImageField):
    def check_image_pixel_size(self, f: UploadedFile) -> None:
        """Check the size without Wagtail's decoding, which crashes on damaged pictures."""
        with decoded(f, self.max_image_pixels):
            f.seek(0)


def decoded(file: IO[bytes], most_pixels: int, kinds: list[str] | None = None) -> Image.Image:
    """Decode a picture fully. Raises ValidationError if it is damaged or has too many pixels."""
    try:
        picture = Image.open(file, formats=kinds)
        is_enormous = picture.width * picture.height > most_pixels
        if not is_enormous:
            picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        is_enormous = True
    except Exception as damage:  # a broken file can make a decoder raise anything
        raise ValidationError(
            "This picture is damaged or cut off. Save it again and upload it once more."
        ) from damage
    if is_enormous:
        raise ValidationError(
            f"This picture has too many pixels: {most_pixels // 1_000_000} million are the most. "
            "Make it smaller and upload it again."
        )
    return picture


class PictureForm(BaseImageForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if file := self.fields.get("file"):
            self.fields["file"] = PictureField(label=file.label, widget=file.widget)


class AccountView(WagtailsAccountView):
    """Account page without a profile picture: nobody would see it, and Wagtail accepts any size."""

    def get_panels(self):
        return [panel for panel in super().get_panels() if panel.name != "avatar"]


def refuse_unless_marked(file: UploadedFile) -> None:
    """Raise ValidationError if the file's content does not match its extension."""
    ending = Path(file.name or "").suffix.lower().lstrip(".")
    begins = file.read(1024)
    file.seek(0)
    if MARKS.get(ending, b"") not in begins:
        raise ValidationError(
            f"This file is not a .{ending} file, although its name says so. "
            "Open it in the program it was made with, save it again and upload that."
        )
