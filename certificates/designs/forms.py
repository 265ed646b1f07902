"""Form to edit a certificate design."""

from django import forms
from django.core.files.uploadedfile import UploadedFile
from wagtail.admin.forms.models import WagtailAdminModelForm

from certificates.designs import designing, pictures
from certificates.models import Design, DesignVersion

PARTS = {
    "Words": DesignVersion.WORDS,
    "Who signs": (*DesignVersion.SIGNATORY, "signature"),
    "Marks": ("mark", "second_mark", "third_mark"),
    "Colours": DesignVersion.COLOURS,
    "What it shows": DesignVersion.SHOWN,
}


class PictureInput(forms.ClearableFileInput):
    """File input that shows the current picture, with a box to remove it."""

    template_name = "certificates/back_office/picture_input.html"

    def is_initial(self, value):
        return bool(value)


class PictureField(forms.FileField):
    """File field that cleans to a new Picture, the initial one, or None."""

    widget = PictureInput(attrs={"accept": "image/png, image/jpeg"})

    def __init__(self, box, **kwargs):
        self.box = box
        super().__init__(required=False, **kwargs)

    def clean(self, data, initial=None):
        found = super().clean(data, initial)
        return (
            pictures.picture_from_upload(found, self.box)
            if isinstance(found, UploadedFile)
            else found or None
        )


def picture_field(name):
    field = DesignVersion._meta.get_field(name)
    box = pictures.SIGNATURE if name == "signature" else pictures.MARK
    what = f"{field.help_text} PNG or JPEG, on white.".strip()
    return PictureField(box, label=field.verbose_name.capitalize(), help_text=what)


class DesignForm(WagtailAdminModelForm):
    """Form for a new version, prefilled from the current one or as delivered."""

    name = forms.CharField(max_length=60, help_text=Design._meta.get_field("name").help_text)
    saw = forms.IntegerField(widget=forms.HiddenInput, initial=0)
    mark, second_mark, third_mark, signature = map(
        picture_field, ("mark", "second_mark", "third_mark", "signature")
    )

    class Meta:
        model = DesignVersion
        fields = [name for name in DesignVersion.LOOK if name not in DesignVersion.PICTURES]
        labels = {"signatory_name": "Their name"}
        widgets = dict.fromkeys(DesignVersion.WORDS, forms.TextInput)
        widgets |= dict.fromkeys(DesignVersion.SIGNATORY, forms.TextInput)
        widgets |= dict.fromkeys(DesignVersion.COLOURS, forms.TextInput(attrs={"type": "color"}))

    def __init__(self, *args, design=None, **kwargs):
        self.design = design
        look = design.current if design else DesignVersion()
        initial = {name: getattr(look, name) for name in DesignVersion.PICTURES}
        initial |= {"name": design.name, "saw": look.number} if design else {}
        kwargs["instance"] = DesignVersion(
            **{name: getattr(look, name) for name in DesignVersion.LOOK}
        )
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)

    def clean_name(self):
        name = self.cleaned_data["name"]
        others = Design.objects.exclude(pk=self.design and self.design.pk)
        if others.filter(name__iexact=name).exists():
            raise forms.ValidationError("There is a design of this name. Give it another.")
        return name

    def look(self):
        for name in DesignVersion.PICTURES:
            setattr(self.instance, name, self.cleaned_data[name])
        return self.instance

    def save(self, *, by):
        name = self.cleaned_data["name"]
        if self.design is None:
            return designing.add(name, self.look(), by=by)
        expected = self.cleaned_data["saw"]
        return designing.change(self.design, self.look(), name=name, expected=expected, by=by)

    def parts(self):
        """Group the bound fields under their headings."""
        return {title: [self[name] for name in names] for title, names in PARTS.items()}
