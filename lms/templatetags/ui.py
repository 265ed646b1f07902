"""Template tags and filters for GOV.UK-style components, available in every template."""

from django import template
from django.forms import Field, widgets
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html

from lms import formatting, phone_numbers
from lms.registries import needs
from lms.web import govuk_widgets

register = template.Library()


@register.inclusion_tag("components/navigation_item.html", takes_context=True)
def nav_item(context, address, words):
    """Render one menu entry, marked as current when the page is at or below its address.

    Its number is that of what needs the person on that page.
    """
    request = context.get("request")
    path = request.path if request else ""
    return {
        "address": address,
        "words": words,
        "number": needs.number_of(context.get("user"), address),
        "is_page": path == address,
        "is_current": path.startswith(address),
    }


@register.filter
def day_and_time(at):
    """Format a moment in words, such as '3 May 2027 at 9:30am'."""
    return formatting.day_and_time(at)


@register.filter
def pounds(amount):
    """Format a sum of money in words, such as '£80' or '£12.50'."""
    return formatting.pounds(amount)


@register.filter
def govuk_widget(field):
    """Render a bound field's widget with its GOV.UK CSS classes."""
    kind = _css_class(field.field.widget)
    classes = [field.field.widget.attrs.get("class"), kind]
    if field.errors:
        classes.append(f"{kind}--error")
    # Placeholder text disappears while typing: labels and hints say it instead.
    return field.as_widget(attrs={"class": " ".join(filter(None, classes)), "placeholder": False})


@register.filter
def govuk_option(option, kind):
    """Render one radio or checkbox of a group, without its label."""
    option.data["attrs"]["class"] = f"govuk-{kind}__input"
    return option.tag()


@register.filter
def kind_of_field(field):
    """Return the shape of a field: radios, checkboxes, checkbox or single."""
    widget = field.field.widget
    if isinstance(widget, widgets.CheckboxSelectMultiple):
        return "checkboxes"
    if isinstance(widget, widgets.RadioSelect):
        return "radios"
    if isinstance(widget, widgets.CheckboxInput):
        return "checkbox"
    return "single"


@register.filter
def says_optional(field):
    """Return whether to mark a field as optional: only beside others that are required."""
    if field.field.required or isinstance(field.field.widget, widgets.CheckboxInput):
        return False
    return any(other.required for other in field.form.fields.values())


@register.filter
def first_id(field):
    """Return the id of a field's first control, to which its error links."""
    if kind_of_field(field) in {"radios", "checkboxes"} and len(field):
        return field.subwidgets[0].id_for_label
    return field.id_for_label or field.auto_id


@register.filter
def says_what_is_wrong(field, error):
    """Name the field in an error shown away from it, if the error does not do so itself."""
    if error == Field.default_error_messages["required"]:
        return f"{field.label}: this is needed"
    return error


register.filter(phone_numbers.dialled)


@register.filter
def percent_of(part, whole):
    """Return `part` as whole per cent of `whole`; 0 if `whole` is 0."""
    return round(100 * part / whole) if whole else 0


@register.filter
def page_numbers(page):
    """List the page numbers to offer, with the paginator's ellipsis where some are left out."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))


@register.filter
def chosen(form):
    """Describe in words the filters of a form, for printouts."""
    return "; ".join(govuk_widgets.chosen(form))


@register.simple_tag
def as_at():
    """Return the current time in words, for printouts: '3 May 2027 at 9:30am'."""
    return formatting.day_and_time(timezone.now())


@register.simple_block_tag
def inset(content):
    return format_html('<div class="govuk-inset-text">{}</div>', content)


@register.simple_block_tag
def details(content, words, open=False):
    """Render a collapsible section for details that only some readers need."""
    return render_to_string(
        "components/details.html", {"content": content, "words": words, "open": open}
    )


@register.simple_block_tag
def scroll(content, words):
    """Wrap a wide table in a box that scrolls by itself and can be reached by keyboard."""
    return render_to_string("components/scroll.html", {"content": content, "words": words})


def _css_class(widget):
    return next(
        (css for kind, css in govuk_widgets.CLASSES if isinstance(widget, kind)), "govuk-input"
    )
