"""Import indicators from a spreadsheet in the admin: upload, preview, confirm."""

import datetime as dt
from collections import Counter

from django import forms
from django.core import signing
from django.shortcuts import redirect
from django.urls import reverse
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin

from lms.spreadsheets import reading
from protocols.indicators import importing, sheet
from protocols.indicators.importing import CHANGED, NEW, REFUSED, SAME
from protocols.indicators.sheet import IndicatorRow

GOOD_FOR = dt.timedelta(days=1)
MOST_SIGNED = 2_000_000  # characters; Django refuses a form of 2.5 MB
KINDS = [(NEW, "to be added"), (CHANGED, "to be changed"), (SAME, "there already"),
         (REFUSED, "left out")]  # fmt: skip


class SheetForm(forms.Form):
    file = forms.FileField(
        label="Spreadsheet",
        allow_empty_file=True,  # `sheet.parse` reports an empty file like other faults
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        help_text="An Excel workbook (.xlsx) or a CSV file, of 5 MB at most.",
        error_messages={"required": "Choose the spreadsheet."},
    )

    def clean_file(self):
        content = self.cleaned_data["file"].read(reading.MOST_BYTES + 1)
        try:
            return sheet.parse(content)
        except reading.TableRefused as refused:
            raise forms.ValidationError(str(refused)) from refused


class ImportView(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):
    """Upload and preview a spreadsheet; its rows travel in a signed field until confirmed.

    Nothing is stored on the server. Confirming evaluates the rows again, in case they were imported
    or something else changed meanwhile.
    """

    model = None
    index_url_name = None
    permission_required = "add"
    page_title = "Bring in a spreadsheet"
    header_icon = "upload"
    form_class = SheetForm
    template_name = "protocols/thresholds_import.html"

    def get_breadcrumbs_items(self):
        index = {"url": reverse(self.index_url_name), "label": "Indicators of need"}
        return [*self.breadcrumbs_items, index, {"url": "", "label": self.page_title}]

    def post(self, request, *args, **kwargs):
        if "rows" not in request.POST:
            return super().post(request, *args, **kwargs)
        try:
            rows = self.unsigned(request.POST["rows"])
        except signing.BadSignature:
            messages.error(request, "Choose the file again: what you had begun has expired.")
            return redirect(request.path)
        done = importing.bring_in(rows, by=request.user)
        messages.success(request, in_words(done))
        return redirect(self.index_url_name)

    def form_valid(self, form):
        """Render a preview of each row's outcome; write nothing."""
        brought = form.cleaned_data["file"]
        fates = importing.foresee(brought.rows)
        rows = self.signed([fate.row for fate in fates if fate.kind in (NEW, CHANGED)])
        if len(rows) > MOST_SIGNED:
            form.add_error("file", "This is too much to bring in at once. Bring it in parts.")
            return self.form_invalid(form)
        counts = Counter(fate.kind for fate in fates)
        context = self.get_context_data(
            form=form,
            brought=brought,
            fates=fates,
            counts=[(kind, counts[kind], words) for kind, words in KINDS],
            refused=[fate for fate in fates if fate.kind == REFUSED],
            rows=rows if counts[NEW] + counts[CHANGED] else "",
        )
        return self.render_to_response(context)

    def signed(self, rows):
        return signing.dumps([list(row) for row in rows], salt=self.salt, compress=True)

    def unsigned(self, value):
        rows = signing.loads(value, salt=self.salt, max_age=GOOD_FOR)
        return [IndicatorRow(*row) for row in rows]

    @property
    def salt(self):
        return f"indicators brought by {self.request.user.pk}"


def in_words(done):
    """Format the counts of an import, such as '128 added, 2 changed.'"""
    said = [f"{done[NEW]} added", f"{done[CHANGED]} changed"]
    if done[SAME]:
        said.append(f"{done[SAME]} there already")
    if done[REFUSED]:
        said.append(f"{done[REFUSED]} left out, because something has changed meanwhile")
    return ", ".join(said) + "."
