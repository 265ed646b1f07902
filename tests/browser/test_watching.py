"""Would the browser tests notice? Each complaint is provoked once."""

from tests.browser.watching import Watch

ADD = "() => document.querySelector('main').append(Object.assign(document.createElement("
FAULTS = {
    "another host: https://elsewhere.example.org/": (
        "() => { setTimeout(() => location.assign('https://elsewhere.example.org/')) }"
    ),
    "console: CSP: script-src-elem refused inline": ADD + "'script'), {textContent: 'let a = 1'}))",
    "console: CSP: style-src-attr refused inline": (
        "() => document.querySelector('main').setAttribute('style', 'color: red')"
    ),
    "script: broken": "() => { setTimeout(() => { throw new Error('broken') }) }",
    "answer: 404 from": ADD + "'img'), {src: '/static/no-such-file.png', alt: ''}))",
    "axe: label": ADD + "'input'), {type: 'text'}))",
}


def test_a_page_of_ours_has_nothing_wrong_and_faults_are_noticed(visit, chromium, served_site):
    visit().goto("/accounts/login/")
    for heard, fault in FAULTS.items():
        assert heard in complaints_about(fault, chromium, served_site)


def complaints_about(fault, chromium, served_site):
    context = chromium.new_context(base_url=served_site.address)
    watch = Watch(context, served_site.address, examine=True)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.evaluate(fault)
    page.wait_for_timeout(300)
    return "\n".join(watch.finish())


def test_a_page_that_gives_way_while_it_is_looked_at_is_no_fault(chromium, served_site):
    context = chromium.new_context(base_url=served_site.address)
    watch = Watch(context, served_site.address, examine=True)
    page = context.new_page()
    for _ in range(5):
        page.goto("/accounts/login/")
        page.evaluate("() => { setTimeout(() => location.reload()) }")
        watch.look_at(page)
    assert watch.finish() == []
