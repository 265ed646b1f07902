from tests.browser import packages
from tests.browser.test_packages import *  # noqa
def test_peek(content_host, visit, learner):
    begin(packages.issue_package(packages.PAGES), learner)
    page = visit(learner, watched=False)
    page.on("console", lambda m: print("CONSOLE", m.text))
    page.on("response", lambda r: print("RESP", r.status, r.url[-60:], r.headers.get("content-type")))
    page.on("requestfailed", lambda r: print("FAILED", r.url[:80], r.failure))
    page.on("pageerror", lambda e: print("ERR", e))
    page.goto("/learn/package/play/1/")
    page.wait_for_timeout(6000)
    for f in page.frames: print("FRAME", f.url[:100])
    print(page.locator("#saved").inner_text())
    print(content_host.said()[-1500:])
    assert 0
