"""The editor of modules: what it saves, what it says is wrong, and two who write at once."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies.access import BOARD_MEMBERS, PROTOCOL_EDITORS, TRAINING_ADMINISTRATORS
from elearning.authoring import issuing
from elearning.models import Module
from history.models import Event
from tests.elearning.form_data import streams_of
from tests.elearning.modules import lesson, make_issued, make_module, pool, scenario, single
from tests.factories import PersonFactory
from tests.filling import filled_form
from tests.test_access_matrix import Written

pytestmark = pytest.mark.django_db


def address(module, page="edit"):
    return f"/cms/module/{page}/{module.pk}/"


def opened(client, module):
    """Return what the editor's page would send, streams included, as it was opened."""
    form = filled_form(client.get(address(module)).content, having="shown")
    module.refresh_from_db()
    return form | streams_of(content=module.content, check_questions=module.check_questions)


def changed(module, **streams):
    return streams_of(
        **{"content": module.content, "check_questions": module.check_questions} | streams
    )


def test_lessons_are_saved_and_history_says_by_whom(client, office):
    module = make_module(content=[lesson("Noticing"), scenario()])
    # The first save gives each section the end of its link.
    assert client.post(address(module), opened(client, module)).status_code == 302
    events = Event.objects.about(module)
    many, form = events.count(), opened(client, module)
    assert client.post(address(module), form).status_code == 302
    assert events.count() == many, "Nothing had been changed"
    module.content[0].value["title"] = "Seeing"
    answer = client.post(address(module), form | changed(module), follow=True)
    assert "The draft of ‘Early Help’ is saved." in answer.text
    module.refresh_from_db()
    assert [part.value["title"] for part in module.content] == ["Seeing", "A new neighbour"]
    event = events.order_by("pk").last()
    assert events.count() == many + 1
    assert event.action == "module.changed" and event.by_person == office.pk
    assert event.now == {"content": "changed", "draft_sha256": "changed"}


def test_a_new_module_opens_in_the_editor(client, office):
    fields = {
        "title": "Neglect", "summary": "What it is.", "code": "neglect", "minutes": "20",
        "pass_mark": "80", "attempts_allowed": "3", "pause_hours": "24", "is_open": "on",
    } | streams_of(content=[lesson("Noticing")])  # fmt: skip
    page = client.post("/cms/module/new/", fields, follow=True)
    assert page.redirect_chain[0][0] == address(Module.objects.get())
    assert "Nobody sees it until you issue a version." in page.text


def two_right():
    made = single("Which?")
    for option in made["value"]["options"]:
        option["is_right"] = True
    return {"check_questions": [pool([made])]}


def same_twice():
    return {"check_questions": [pool([single("Which?", right="No", wrong=("no ",))])]}


def too_many():
    return {"check_questions": [pool([single("Which?")], draws=2)]}


def leads(number):
    made = scenario()
    made["value"]["situations"][0]["choices"][0]["goes_to"] = number
    return {"content": [made]}


def unnamed():
    return {"content": [lesson("")]}


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (two_right, "Tick one option as right."),
        (same_twice, "Two of them say the same."),
        (too_many, "It draws more questions than there are."),
        (lambda: leads(7), "Situation 1 leads to situation 7, which is not there."),
        (lambda: leads(1), "Situation 1 leads back to 1."),
        (lambda: leads(None), "No choice leads to situation 2."),
        (unnamed, "This field is required."),
        (lambda: {"content": [lesson("Long", minutes=999)]}, "less than or equal to 120"),
    ],
)
def test_what_is_wrong_is_said_at_its_block_and_nothing_is_saved(client, office, made, sentence):
    module = make_module()
    form = opened(client, module) | changed(module, **made()) | {"title": "Another"}
    page = client.post(address(module), form)
    assert page.status_code == 200 and sentence in page.text
    module.refresh_from_db()
    assert module.title == "Early Help"


@pytest.mark.parametrize(
    "cut",
    [
        {"content-count": None},
        {"content-count": "many"},
        {"content-count": "99"},
        {"content-0-order": None},
        {"content-0-order": "first"},
        {"content-0-type": None},
        {"content-0-value-body-count": "x"},
    ],
)
def test_a_stream_that_was_cut_off_stays_as_it_is(client, office, cut):
    module = make_module()
    form = opened(client, module) | {"summary": "Another."} | cut
    sent = {name: value for name, value in form.items() if value is not None}
    assert client.post(address(module), sent).status_code == 302
    module.refresh_from_db()
    assert module.summary == "Another." and len(module.content) == 2


def test_the_code_stays_once_a_version_is_issued(client, office):
    module = make_issued(by=office).module
    assert client.post(address(module), opened(client, module) | {"code": "new"}).status_code == 302
    module.refresh_from_db()
    assert module.code == "early-help"


@pytest.mark.parametrize("code", ["files", "attempts"])
def test_addresses_of_the_site_are_no_codes(client, office, code):
    module = make_module()
    page = client.post(address(module), opened(client, module) | {"code": code})
    assert "is used by this site" in page.text


@pytest.fixture
def sam(office):
    sam = PersonFactory(name="Sam Other", is_staff=True)
    sam.groups.add(Group.objects.get(name=TRAINING_ADMINISTRATORS))
    return sam


def titles(module):
    module.refresh_from_db()
    return [part.value["title"] for part in module.content]


def written(module, name, change):
    """Return the streams as somebody leaves them who made this change."""
    module = Module.objects.get(pk=module.pk)
    change(getattr(module, name))
    return changed(module)


def retitled(number, title):
    def change(content):
        content[number].value["title"] = title

    return change


def section(number, text):
    def change(content):
        content[number].value["body"][0].value["heading"] = text

    return change


def added(title):
    def change(content):
        made = lesson(title)
        content.append(
            (made["type"], content.stream_block.child_blocks["lesson"].to_python(made["value"]))
        )

    return change


def removed(number):
    def change(content):
        del content[number]

    return change


def together(client, office, sam, module, theirs, mine):
    """Let Sam save `theirs` while the office writes `mine`, and press until both are saved."""
    mine_open = opened(client, module) | written(module, "content", mine)
    their_words = written(module, "content", theirs)
    client.force_login(sam)
    assert client.post(address(module), opened(client, module) | their_words).status_code == 302
    client.force_login(office)
    page = client.post(address(module), mine_open)
    assert page.status_code == 200 and "Sam Other" in page.text
    return page


def laid(page):
    """Return the content that the page's form shows."""
    return page.context["form"].initial["content"]


@pytest.mark.parametrize(
    ("theirs", "mine", "expected"),
    [
        (retitled(0, "Theirs"), retitled(1, "Mine"), ["Theirs", "Mine"]),
        (retitled(0, "Theirs"), section(0, "Mine"), ["Theirs", "Asking"]),
        (added("Theirs"), added("Mine"), ["Noticing", "Asking", "Theirs", "Mine"]),
        (removed(0), retitled(1, "Mine"), ["Mine"]),
        (retitled(0, "Theirs"), removed(0), ["Theirs", "Asking"]),
        (removed(0), retitled(0, "Mine"), ["Mine", "Asking"]),
        (retitled(0, "Theirs"), retitled(0, "Mine"), ["Mine", "Asking"]),
    ],
)
def test_two_who_write_at_once_undo_nothing_of_each_other(
    client, office, sam, theirs, mine, expected
):
    module = make_module()
    page = together(client, office, sam, module, theirs, mine)
    form = filled_form(page.content, having="shown") | changed(module, content=laid(page))
    assert client.post(address(module), form).status_code == 302
    assert sorted(titles(module)) == sorted(expected)
    if mine.__qualname__.startswith("section"):
        assert module.content[0].value["body"][0].value["heading"] == "Mine"


def test_roles_that_write_no_modules_see_none_of_it(client, office):
    module = make_module()
    version = issuing.issue(module, by=office, what_changed="First.")
    key = module.content[0].id
    pages = ["new/", *(f"{each}/{module.pk}/" for each in ("edit", "preview", "issue", "versions",
             "bring-in")), f"preview/{module.pk}/{key}/", f"version/{version.pk}/",
             f"withdraw/{version.pk}/"]  # fmt: skip
    for page in pages:
        assert client.get(f"/cms/module/{page}").status_code == 200, page
    for group in (PROTOCOL_EDITORS, BOARD_MEMBERS):
        client.force_login(PersonFactory(is_staff=True, groups=[group]))
        for page in ["", *pages]:
            for ask in (client.get, client.post):
                answer = ask(f"/cms/module/{page}")
                assert (answer.status_code, answer["Location"]) == (302, "/cms/"), page
    assert Module.objects.get().versions.count() == 1


@pytest.mark.parametrize("page", ["edit", "preview", "issue", "versions", "bring-in", "version"])
def test_what_is_not_there_is_404(client, office, page):
    assert client.get(f"/cms/module/{page}/99/").status_code == 404


def test_the_list_says_what_is_issued_and_what_has_changed(client, office):
    make_module("new", title="A new one")
    make_issued("issued", by=office, title="Issued")
    module = make_issued("changed", by=office, title="Changed").module
    module.title = "Changed again"
    module.save()
    issuing.withdraw(make_issued("gone", by=office, title="Gone"), "Wrong", by=office)
    page = client.get("/cms/module/").text
    for words in ("Not issued yet", "Version 1", "Changed since version 1", "Withdrawn"):
        assert words in page
    assert "Changed again" not in client.get("/cms/module/?state=issued").text
    assert "Changed again" in client.get("/cms/module/?state=changed").text
    assert "Withdrawn" in client.get("/cms/module/?export=csv").getvalue().decode()


def test_the_list_asks_as_much_for_many_as_for_few(client, office):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/cms/module/").status_code == 200
        return len(asked)

    for number in range(3):
        make_issued(f"m{number}", by=office)
    client.get("/cms/module/")
    few = queries()
    for number in range(3, 18):
        make_issued(f"m{number}", by=office)
    assert queries() == few


def test_a_preview_writes_nothing_and_shows_every_part(client, office):
    module = make_module(content=[lesson("Noticing"), scenario()])
    client.get(address(module, "preview"))
    keys = [part.id for part in module.content]
    keys += [each.id for each in module.check_questions[0].value["questions"]]
    written_now = Written()
    with connection.execute_wrapper(written_now):
        pages = [client.get(f"{address(module, 'preview')}{key}/") for key in keys]
        chosen = client.get(f"{address(module, 'preview')}{keys[1]}/?at=1&chosen=1")
        odd = client.get(f"{address(module, 'preview')}{keys[1]}/?at=99&chosen=x")
        assert client.get(f"{address(module, 'preview')}none/").status_code == 404
    assert written_now.statements == []
    assert "What to look for." in pages[0].text and "Nobody opens." in pages[1].text
    assert "After call again." in chosen.text and "?at=2" in chosen.text
    assert "Nobody opens." in odd.text and "Right: Yes" in pages[2].text
    assert all("Nothing that you do here is recorded" in page.text for page in pages)
    assert not module.attempts.exists()
