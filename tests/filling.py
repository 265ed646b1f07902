"""Read a form from a page as a browser does: what would be sent if nothing was entered."""

from lxml import html as parser

NOT_SENT = {"submit", "button", "reset", "image", "file"}


def filled_form(html, *, having):
    """Return the values of the form on this page that has a control of this name."""
    if isinstance(html, bytes):
        html = html.decode()
    forms = parser.document_fromstring(html).iter("form")
    form = next(form for form in forms if form.xpath(".//*[@name=$name]", name=having))
    sent = {}
    for control in form.iter("input", "textarea", "select"):
        name = control.get("name")
        if name and "disabled" not in control.attrib and (values := _values(control)):
            sent.setdefault(name, []).extend(values)
    return {name: values[0] if len(values) == 1 else values for name, values in sent.items()}


def _values(control):
    kind = control.get("type", "text")
    if control.tag == "textarea":
        return [control.text_content().removeprefix("\n")]
    if control.tag == "select":
        options = list(control.iter("option"))
        chosen = [option for option in options if "selected" in option.attrib]
        if not chosen and "multiple" not in control.attrib:
            chosen = options[:1]
        return [option.get("value", option.text_content()) for option in chosen]
    if kind in NOT_SENT or (kind in ("checkbox", "radio") and "checked" not in control.attrib):
        return []
    return [control.get("value", "on" if kind == "checkbox" else "")]
