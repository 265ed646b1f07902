"""Make packages whose pages do what a test asks, as authoring tools have been seen to."""

from django.core.files.base import ContentFile

from elearning.authoring import issuing
from elearning.models import Rule
from elearning.packages import bringing
from tests.elearning.modules import make_module
from tests.elearning.packages.made import item, manifest, packed, resource
from tests.factories import PersonFactory

FIND_API = """
function find(name) {
  let here = window;
  while (here && !here[name] && here.parent !== here) here = here.parent;
  return here[name];
}
"""
# Four pages; the place is kept in the location and in the bookmark.
PAGES = """<!doctype html><title>Pages</title><h1 id="page">?</h1>
<button id="next">Next</button><button id="pass">Pass</button><p id="time"></p>
<script>FIND_API
const api = find("API");
api.LMSInitialize("");
let page = Number(api.LMSGetValue("cmi.core.lesson_location")) || 1;
const show = () => { document.getElementById("page").textContent = "Page " + page; };
const say = (element, value) => {
  const start = performance.now();
  api.LMSSetValue(element, value);
  const took = performance.now() - start;
  window.slowest = Math.max(window.slowest || 0, took);
};
show();
document.getElementById("next").onclick = () => {
  page += 1;
  show();
  say("cmi.core.lesson_location", String(page));
  say("cmi.suspend_data", "seen=" + page);
  api.LMSCommit("");
};
document.getElementById("pass").onclick = () => {
  say("cmi.core.score.raw", "90");
  say("cmi.core.lesson_status", "passed");
  api.LMSCommit("");
};
</script>""".replace("FIND_API", FIND_API)
# Saves nothing until it is left.
ON_LEAVING = """<!doctype html><title>Late</title><h1>Late</h1><script>FIND_API
const api = find("API");
api.LMSInitialize("");
addEventListener("unload", () => {
  api.LMSSetValue("cmi.core.score.raw", "95");
  api.LMSSetValue("cmi.core.lesson_status", "passed");
  api.LMSFinish("");
});
</script>""".replace("FIND_API", FIND_API)
# Tries what a package must not be able to do, and writes down what came of it.
HOSTILE = """<!doctype html><title>Hostile</title><ul id="did"></ul><script>
const did = (what) => {
  const line = document.createElement("li");
  line.textContent = what;
  document.getElementById("did").append(line);
};
const site = JSON.parse(window.parent.document.getElementById("starts").textContent).site;
async function tries() {
  try { const page = await fetch(site + "/my/", { credentials: "include" });
        did("read " + page.status); } catch { did("cannot read"); }
  try { did("top: " + top.document.title); } catch { did("cannot look up"); }
  try { document.cookie = "sessionid=stolen; domain=localhost; path=/";
        did(document.cookie.includes("stolen") ? "set a cookie" : "cannot set a cookie");
  } catch { did("cannot set a cookie"); }
  try { top.location = "https://evil.example/"; did("asked to leave"); }
  catch { did("cannot leave"); }
  did("done");
}
tries();
</script>"""


def issue_package(html, *, code="package", rule=Rule.AS_IT_SAYS, title="Made elsewhere"):
    """Make a module of this one page, in SCORM 1.2, and issue it."""
    files = {
        "imsmanifest.xml": manifest(
            items=item("one", "Part one"), resources=resource("one", "start.html")
        ),
        "start.html": html,
    }
    office = PersonFactory()
    module = make_module(code, pools=[], title=title)
    file = ContentFile(packed(files).getvalue(), "package.zip")
    package = bringing.receive(module, file, by=office)
    bringing.bring_in.func(package.pk)
    package.refresh_from_db()
    return issuing.issue_package(package, rule, by=office, what_changed="First.")
