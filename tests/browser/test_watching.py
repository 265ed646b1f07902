"""Would the browser tests notice? Each complaint is provoked once."""

import pytest

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


def test_a_page_of_ours_has_nothing_wrong(visit):
    visit().goto("/accounts/login/")


@pytest.mark.parametrize("heard", FAULTS)
def test_a_fault_is_noticed(heard, chromium, served_site):
    context = chromium.new_context(base_url=served_site.address)
    watch = Watch(context, served_site.address, examine=True)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.evaluate(FAULTS[heard])
    page.wait_for_timeout(300)
    assert [each for each in watch.finish() if heard in each]
