"""Read a form from a page as a browser does: what would be sent if nothing was entered."""

from bs4 import BeautifulSoup

NOT_SENT = {"submit", "button", "reset", "image", "file"}


def filled_form(html, *, having):
    """Return the values of the form on this page that has a control of this name."""
    if isinstance(html, bytes):
        html = html.decode()
    soup = BeautifulSoup(html, "html.parser")
    form = next(form for form in soup.find_all("form") if form.find(attrs={"name": having}))
    sent = {}
    for control in form.find_all(["input", "textarea", "select"]):
        name = control.get("name")
        if name and not control.has_attr("disabled") and (values := _values(control)):
            sent.setdefault(name, []).extend(values)
    return {name: values[0] if len(values) == 1 else values for name, values in sent.items()}


def _values(control):
    kind = control.get("type", "text")
    if control.name == "textarea":
        return [control.text.removeprefix("\n")]
    if control.name == "select":
        options = control.find_all("option")
        chosen = [option for option in options if option.has_attr("selected")]
        if not chosen and not control.has_attr("multiple"):
            chosen = options[:1]
        return [option.get("value", option.text) for option in chosen]
    if kind in NOT_SENT or (kind in ("checkbox", "radio") and not control.has_attr("checked")):
        return []
    return [control.get("value", "on" if kind == "checkbox" else "")]
