"""Test that the browser tests notice faults: each complaint is provoked once."""

from contextlib import nullcontext

from tests.browser.watching import Watch

ADD = "() => document.querySelector('main').append(Object.assign(document.createElement("
# By complaint: the browser event that reports it, and the script that causes it.
FAULTS = {
    "another host: https://elsewhere.example.org/": (
        "request",
        "() => { setTimeout(() => location.assign('https://elsewhere.example.org/')) }",
    ),
    "console: CSP: script-src-elem refused inline": (
        "console",
        ADD + "'script'), {textContent: 'let a = 1'}))",
    ),
    "console: CSP: style-src-attr refused inline": (
        "console",
        "() => document.querySelector('main').setAttribute('style', 'color: red')",
    ),
    "script: broken": ("weberror", "() => { setTimeout(() => { throw new Error('broken') }) }"),
    "answer: 404 from": ("response", ADD + "'img'), {src: '/static/no-such-file.png', alt: ''}))"),
    "axe: label": (None, ADD + "'input'), {type: 'text'}))"),
}


def test_a_page_of_ours_has_nothing_wrong_and_faults_are_noticed(visit, chromium, served_site):
    visit().goto("/accounts/login/")
    for heard, (event, fault) in FAULTS.items():
        assert heard in complaints_about(event, fault, chromium, served_site)


def complaints_about(event, fault, chromium, served_site):
    context = chromium.new_context(base_url=served_site.address)
    watch = Watch(context, served_site.address, examine=True)
    page = context.new_page()
    page.goto("/accounts/login/")
    with context.expect_event(event) if event else nullcontext():
        page.evaluate(fault)
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
