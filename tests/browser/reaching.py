"""Check that a page fits a narrow screen and can be used with the keyboard alone."""

import html5lib

# Marks the part of a page that is ours: in the admin, what is inside Wagtail's frame.
OURS = """() => { (document.querySelector("main .nice-padding") ?? document.querySelector("main"))
  .dataset.ours = ""; }"""
# Numbers what should take the focus, in the order of the text; one of each group of radio buttons.
OFFERED = """() => {
  const heads = new Set();
  return [...document.querySelectorAll(
    "[data-ours] :is(a[href], button, input:not([type=hidden]), select, textarea, summary),"
    + "[data-ours] [tabindex='0']"
  )].filter((one) => {
    if (!one.checkVisibility({visibilityProperty: true}) || one.disabled) return false;
    if (one.type !== "radio") return true;
    const is = one.checked || ![...document.getElementsByName(one.name)].some((o) => o.checked);
    return is && !heads.has(one.name) && heads.add(one.name);
  }).map((one, number) => (one.dataset.offered = number));
}"""
# Opens all <details>, and waits for what is created when they open.
OPENED = """() => new Promise((done) => {
  for (const one of document.querySelectorAll("[data-ours] details")) one.open = true;
  setTimeout(done, 50);
})"""
# Turns smooth scrolling off: elements would be measured while they move.
AT_ONCE = """() => { for (const one of document.querySelectorAll("html, body, main"))
  one.style.scrollBehavior = "auto"; }"""
# The focused element: is its focus visible, and is any of it in sight and not covered?
FOCUS = """() => {
  const one = document.activeElement;
  const drawn = (of, part) => {
    const style = getComputedStyle(of, part);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0)
      || style.boxShadow !== "none";
  };
  const label = one.labels && one.labels[0];
  const covers = [...document.querySelectorAll("body *")].filter((other) =>
    ["fixed", "sticky"].includes(getComputedStyle(other).position)
    && !other.contains(one) && !one.contains(other) && other.checkVisibility());
  const free = [...one.getClientRects()].some((box) => {
    const y = Math.max(box.top, 0) + 2;
    const x = Math.max(box.left, 0) + 2;
    return box.bottom > 2 && y < innerHeight && x < innerWidth && box.right > 2
      && !covers.some((other) => {
        const over = other.getBoundingClientRect();
        return over.top <= y && over.bottom >= Math.min(box.bottom, innerHeight) - 2
          && over.left <= x && over.right >= Math.min(box.right, innerWidth) - 2;
      });
  });
  return {
    number: one.dataset.offered === undefined ? null : Number(one.dataset.offered),
    html: one.outerHTML.slice(0, 120),
    shows: drawn(one) || Boolean(label && drawn(label, "::before")),
    free,
    left: one === document.body || Boolean(one.closest("footer")),
  };
}"""
# Elements that are wider than the page, or cut off where nobody can scroll to them.
TOO_WIDE = """() => {
  const wide = document.documentElement.clientWidth;
  const scrolls = (one) => /auto|scroll/.test(getComputedStyle(one).overflowX);
  const reached = (one) => one.tabIndex === 0 && one.getAttribute("role") === "region"
    && (one.getAttribute("aria-label") || one.getAttribute("aria-labelledby"));
  const faults = document.documentElement.scrollWidth > wide ? ["the page scrolls"] : [];
  for (const one of document.querySelectorAll("[data-ours] *")) {
    const box = one.getBoundingClientRect();
    if (box.right <= wide + 1 || box.width < 2 || !one.checkVisibility()) continue;
    let around = one.parentElement;
    while (around && !scrolls(around)) around = around.parentElement;
    if (!around || !reached(around)) faults.push(one.outerHTML.slice(0, 120));
  }
  return faults.slice(0, 5);
}"""


def faults_of(page, answer=None):
    """List everything that shuts somebody out of this page, a sentence each.

    `answer` is the server's response, whose HTML is then checked for parse errors.
    """
    page.evaluate(OURS)
    page.evaluate(OPENED)
    page.evaluate(AT_ONCE)
    faults = [f"too wide: {what}" for what in page.evaluate(TOO_WIDE)]
    faults += [f"HTML: {what}" for what in (errors_in(answer.text()) if answer else [])]
    return faults + faults_by_keys(page)


def errors_in(html):
    parser = html5lib.HTMLParser()
    parser.parse(html)
    return [f"{code} {told}" for _, code, told in parser.errors]


def faults_by_keys(page):
    """Press Tab from the skip link to the footer; list what is not reached or not visible."""
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    offered, passed, faults = page.evaluate(OFFERED), [], []
    for _ in range(3 * len(offered) + 10):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if focus["left"]:
            break
        # A date field has several tab stops.
        if focus["number"] is None or focus["number"] in passed:
            continue
        passed.append(focus["number"])
        if not focus["shows"]:
            faults.append(f"does not show its focus: {focus['html']}")
        if not focus["free"]:
            faults.append(f"has the focus out of sight: {focus['html']}")
    else:
        faults.append("the keys do not lead out of the page")
    if passed != offered:
        faults.append(f"of {offered} the keys reach {passed}")
    return faults
