"""Complaints about the pages that a browser passes: axe, scripts, policy, missing files."""

import hashlib
import re
from functools import cache, wraps

from playwright.sync_api import Error, Locator, Page

from tests.databases import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
EXAMINE = """
async (levels) => {
  const found = await axe.run(document, {
    runOnly: { type: "tag", values: levels },
    resultTypes: ["violations"],
  });
  return found.violations.map((each) => [each.id, each.help, each.nodes.map((n) => n.html)]);
}
"""
# A page that is being replaced has no root element for a moment.
READ = """
async () => {
  while (document.readyState !== "complete" || !document.documentElement)
    await new Promise((done) => setTimeout(done, 10));
  return document.documentElement.outerHTML;
}
"""
# A page that is replaced while it is read raises one of many errors. An error of axe stays.
ATTEMPTS = 5
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error("CSP: " + event.violatedDirective + " refused " + event.blockedURI + " " +
                event.sample));
"""
# What differs each time that the same page is sent.
TOKEN = re.compile(r'(?<=name="csrfmiddlewaretoken" value=")\w+')


@cache
def axe():
    return AXE.read_text()


def look_first(patch):
    """Examine the page before each click, each key and each address that is typed."""
    for owner, name in [(Locator, "click"), (Locator, "press"), (Page, "goto")]:
        patch.setattr(owner, name, looking_first(getattr(owner, name)))


def looking_first(act):
    @wraps(act)
    def looked(self, *args, **kwargs):
        page = self if isinstance(self, Page) else self.page
        if watch := Watch.of.get(page.context):
            if page is not self:
                self.wait_for(state="attached")  # on the page that it leads away from
            watch.look_at(page)
        return act(self, *args, **kwargs)

    return looked


def unfinished(request, status):
    """Wagtail saves a page while it is written, and is told that a field is still empty."""
    return status == 400 and request.method == "POST" and "/cms/pages/" in request.url


class Watch:
    """Looks over a browser's shoulder, and at each page before anything is done to it.

    Not when the next one is asked for: Chromium answers nothing about a page that it is leaving.
    """

    of = {}  # which context is watched by whom
    examined = {}  # what axe said of a page as it looked: the same page is not examined twice

    def __init__(self, context, address, *others, examine):
        self.context, self.address, self.examine = context, address, examine
        self.ours = tuple(f"{each}/" for each in (address, *others))
        self.complaints = []
        self.of[context] = self
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("request", self.asked)
        context.on("response", self.answered)
        context.on("console", self.printed)
        context.on("weberror", lambda error: self.complain("script", str(error.error)))

    def asked(self, request):
        """Complain about other hosts. `FLAGS` stop them: to intercept would turn caching off."""
        if not request.url.startswith((*self.ours, "data:", "blob:")):
            self.complain("another host", request.url)

    def answered(self, response):
        request, status = response.request, response.status
        lacking = status >= 400 and not request.is_navigation_request()
        if (lacking and not unfinished(request, status)) or status >= 500:
            self.complain("answer", f"{response.status} from {response.url}")

    def printed(self, message):
        # What failed to load is told by its answer, with more.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.complain("console", f"{message.text} ({message.page.url if message.page else ''})")

    def look_at(self, page):
        """Complain about what shuts people out of the page as it stands now."""
        if not self.examine or not page.url.startswith(self.address):
            return
        for _ in range(ATTEMPTS):
            try:
                page.wait_for_load_state("load")
                found = self.found_by_axe(page)
                break
            except Error as raised:
                error = raised
        else:
            self.complain("axe", f"could not examine {page.url}: {error}")
            return
        for rule, what, where in found:
            self.complain("axe", f"{rule}: {what} on {page.url}\n    " + "\n    ".join(where[:5]))

    def found_by_axe(self, page):
        html = TOKEN.sub("", page.evaluate(READ))
        looks = hashlib.sha256(f"{page.viewport_size} {html}".encode()).hexdigest()
        if looks not in self.examined:
            if not page.evaluate("'axe' in window"):
                page.evaluate(axe())
            self.examined[looks] = page.evaluate(EXAMINE, LEVELS)
        return self.examined[looks]

    def complain(self, kind, what):
        complaint = f"- {kind}: {what}"
        if complaint not in self.complaints:
            self.complaints.append(complaint)

    def finish(self):
        for page in self.context.pages:
            self.look_at(page)
        del self.of[self.context]
        self.context.close()
        return self.complaints
