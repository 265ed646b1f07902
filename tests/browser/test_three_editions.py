"""Test a protocol from the draft to its readers, through three editions.

The author, the policy lead, the chair of the Case Review Committee, the leads of two agencies and
a midwife each have a browser of their own and follow links in mails and pages. Drafts are written
and approved in Wagtail's own edit view, whose pages are not examined for faults; all others are.
"""

import hashlib
import re
import urllib.request
from types import SimpleNamespace

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Revision

from agencies.access import COMMITTEE_CHAIRS, POLICY_LEADS, PROTOCOL_EDITORS
from protocols.models import Dissemination, Edition, ProtocolPage
from tests.browser import editing
from tests.browser.post import link_in, open_mail
from tests.factories import AgencyFactory, PersonFactory, PostFactory
from tests.servers import wait_until

ADDRESS = "/protocols/unborn-baby-protocol/"
QUESTION = "Within how many days is a referral answered?"


@pytest.fixture
def people(own_database):
    def staff(name, group):
        return PersonFactory(name=name, is_staff=True, groups=[group])

    AgencyFactory(name="Solent Safeguarding Board")
    midwifery, police = AgencyFactory(name="City Midwifery"), AgencyFactory(name="Solent Police")
    return SimpleNamespace(
        author=staff("Ada Author", PROTOCOL_EDITORS),
        policy_lead=staff("Paul Policy", POLICY_LEADS),
        chair=staff("Cleo Chair", COMMITTEE_CHAIRS),
        lead=PostFactory(agency=midwifery, is_lead=True, person__name="Lea Lead").person,
        other_lead=PostFactory(agency=police, is_lead=True, person__name="Olu Other").person,
        midwife=PostFactory(agency=midwifery, person__name="Mary Midwife").person,
    )


@pytest.fixture
def files(tmp_path):
    """Create a picture and a form for the protocol."""
    picture, form = tmp_path / "flow.png", tmp_path / "Referral form.pdf"
    Image.new("RGB", (900, 600), "teal").save(picture)
    form.write_bytes(b"%PDF-1.4\n%%EOF\n")
    return SimpleNamespace(picture=picture, form=form)


@pytest.fixture
def play(visit, served_site, people, post_room, files):
    """Open everybody's browser, and give access to their mail."""

    def opened(person, subject):
        return open_mail(post_room, person, subject)

    return SimpleNamespace(
        ada=visit(people.author, watched=False),
        ada_elsewhere=visit(people.author),
        paul=visit(people.policy_lead, watched=False),
        cleo=visit(people.chair, watched=False),
        lea=visit(people.lead),
        olu=visit(people.other_lead),
        mary=visit(people.midwife, width=390, height=844),
        people=people,
        files=files,
        opened=opened,
        site=served_site,
    )


@pytest.mark.long(reason="seven people write, approve and read three editions")
def test_a_protocol_goes_through_three_editions(play, visit):
    the_first_draft(play)
    commented_and_sent_back_by_the_policy_lead(play)
    sent_back_by_an_agency(play)
    approved_by_the_policy_lead(play)
    put_in_force_by_the_chair(play, 1)
    first = what_is_read_of(play.site, 1)
    sent_to_agencies(play)
    passed_on_and_confirmed(play, play.lea)
    nothing_of_it_is_seen_by_another_agency(play)
    read_and_understood(play)

    days = "A referral is answered within ten working days."
    the_next_draft(play, days, "Days are working days: that was left out.", is_major=False)
    approved_by_everybody(play, 2)
    what_was_read_stands(play)

    written = "A referral is answered within ten working days, in writing."
    the_next_draft(play, written, "An audit found answers that nobody had written.", is_major=True)
    approved_by_everybody(play, 3)
    # From here on, people of the agency have no JavaScript.
    play.lea, play.mary = (
        visit(play.people.lead, javascript=False),
        visit(play.people.midwife, javascript=False, width=390, height=844),
    )
    sent_to_agencies(play)
    passed_on_and_confirmed(play, play.lea)
    asked_to_read_again(play)

    all_that_it_was_made_of_is_deleted(play)
    assert what_is_read_of(play.site, 1) == first


def the_first_draft(play):
    ada = play.ada
    editing.start_protocol(ada)
    editing.fill(
        ada,
        title="Unborn Baby Protocol",
        summary="What agencies do before a birth.",
        reason="The first version of four boards.",
        in_force_from=f"{timezone.localdate():%d/%m/%Y}",
        next_review_on="01/04/2099",
        check_question=QUESTION,
        **{"owners-0-agency": "Solent Safeguarding Board"},
    )
    editing.add_row(ada, "approvers", agency="City Midwifery")
    editing.add_row(ada, "answers", kind="Finding of a review", citation="Child E, 3")
    editing.add_row(ada, "check_answers", text="Ten", is_right=True)
    editing.add_row(ada, "check_answers", text="Twenty")
    section = editing.add_block(ada, "Section")
    section.get_by_label("Heading").fill("Who decides")
    editing.write(section, "A referral is answered within fifteen days.")
    shown = editing.add_block(ada, "Picture")
    editing.upload(shown, "an image", play.files.picture)
    shown.get_by_label("Alt text").fill("The way of a referral")
    handed_out = editing.add_block(ada, "Download")
    handed_out.get_by_label("Title").fill("Referral form")
    editing.upload(handed_out, "a document", play.files.form)
    editing.press(ada, "Submit for approval")
    expect(ada.get_by_text("with the next step now: Policy lead.")).to_be_visible()
    assert ProtocolPage.objects.get().path_of_page == ADDRESS


def commented_and_sent_back_by_the_policy_lead(play):
    play.paul.goto(link_in(play.opened(play.people.policy_lead, "For your approval")))
    editing.comment(play.paul, "summary", "Say who follows it.")
    editing.ask_for_changes(play.paul, "See my comment on the summary.")
    expect(play.paul.get_by_text("The draft is back with its author.")).to_be_visible()

    sent_back = play.opened(play.people.author, "Sent back")
    assert "See my comment on the summary." in sent_back
    play.ada.goto(link_in(sent_back))
    play.ada.get_by_role("button", name="Toggle comments").click()
    expect(play.ada.get_by_text("Say who follows it.")).to_be_visible()
    editing.fill(
        play.ada, summary="What agencies do before a birth. Midwives and police follow it."
    )
    editing.press(play.ada, "Resubmit to Policy lead")
    approved_by_the_policy_lead(play, "with the agencies that approve it now: City Midwifery.")


def approved_by_the_policy_lead(
    play, follows="with the next step now: Case Review Committee chair."
):
    play.paul.goto(link_in(play.opened(play.people.policy_lead, "For your approval")))
    editing.press(play.paul, "Approve")
    expect(play.paul.get_by_text(follows)).to_be_visible()


def sent_back_by_an_agency(play):
    lea = play.lea
    lea.goto(link_in(play.opened(play.people.lead, "Please read and approve")))
    expect(lea.get_by_text("A referral is answered within fifteen days.")).to_be_visible()
    answer(lea, "Send it back", "Ten days, not fifteen.")
    expect(lea.get_by_text("The draft has been sent back with your comment.")).to_be_visible()

    sent_back = play.opened(play.people.author, "Sent back")
    assert "City Midwifery: Ten days, not fifteen." in sent_back
    play.ada.goto(link_in(sent_back))
    editing.write(play.ada, "A referral is answered within ten days.")
    editing.press(play.ada, "Resubmit to Agencies")
    expect(play.ada.get_by_text("approve it now: City Midwifery.")).to_be_visible()
    approved_by_the_agency(play, "A referral is answered within ten days.")


def approved_by_the_agency(play, text):
    play.lea.goto(link_in(play.opened(play.people.lead, "Please read and approve")))
    expect(play.lea.get_by_text(text)).to_be_visible()
    answer(play.lea, "Approve")
    expect(play.lea.get_by_text("You have approved the draft for City Midwifery.")).to_be_visible()


def answer(lea, decision, words=""):
    lea.get_by_role("link", name="Go to your answer").click()
    lea.get_by_label(decision).check()
    lea.get_by_label("What should change?").fill(words)
    lea.get_by_role("button", name="Send your answer").click()


def put_in_force_by_the_chair(play, number):
    """Approve as the chair, which publishes the edition; none was public before."""
    assert Edition.objects.count() == number - 1
    play.cleo.goto(link_in(play.opened(play.people.chair, "For your approval")))
    editing.press(play.cleo, "Approve, in force today")
    told = f"Unborn Baby Protocol, version {number}, is in force."
    expect(play.cleo.get_by_text(told)).to_be_visible()
    play.versions = link_in(play.opened(play.people.author, "Approved by everybody"))


def what_is_read_of(site, number):
    """Return the bytes of the article from its summary on, the record, and each file.

    Above the summary stands whether the edition is in force, which changes; below it nothing does.
    """

    def bytes_at(path):
        with urllib.request.urlopen(site.url(path)) as answered:
            return answered.read()

    address = f"{ADDRESS}editions/{number}/"
    article = re.search(rb'<p class="lead">.*</article>', bytes_at(address), re.DOTALL).group()
    files = sorted(set(re.findall(f"{address}files/\\w+/", article.decode())))
    kept = {path: bytes_at(path) for path in [f"{address}record/", *files]}
    assert hashlib.sha256(kept[f"{address}record/"]).hexdigest() in article.decode()
    assert len(files) == 4  # The form, and three sizes of the picture.
    return {"article": article} | kept


def sent_to_agencies(play):
    desk = play.ada_elsewhere
    desk.goto(play.versions)
    desk.get_by_role("link", name="Send to agencies").click()
    desk.get_by_label("Message to the agencies").fill("Please bring it up at your next meeting.")
    desk.get_by_role("button", name="Send to agencies").click()
    sent = "Emailed 2 people for 2 agencies. 1 agency has nobody to ask: name somebody."
    expect(desk.get_by_text(sent)).to_be_visible()


def passed_on_and_confirmed(play, lea):
    lea.goto(link_in(play.opened(play.people.lead, "Please pass on: Unborn Baby Protocol")))
    lea.get_by_role("link", name="Unborn Baby Protocol").first.click()
    expect(lea.get_by_text("Please bring it up at your next meeting.")).to_be_visible()
    lea.get_by_role("button", name="Email my staff").click()
    expect(lea.get_by_text("We'll email the link to 2 people.")).to_be_visible()
    lea.get_by_role("button", name="Confirm").click()
    lea.get_by_label("Team meetings").check()
    lea.get_by_label("How many people need it?").fill("3")
    lea.get_by_label("How many of them has it reached?").fill("2")
    lea.get_by_role("button", name="Confirm").click()
    expect(lea.get_by_text("Thank you. The answer of City Midwifery is saved.")).to_be_visible()

    desk = play.ada_elsewhere
    desk.goto("/cms/cascade/")
    expect(desk.get_by_role("row", name="City Midwifery").first).to_contain_text(
        "2 of 3 who need it"
    )
    expect(desk.get_by_role("row", name="Solent Police").first).not_to_contain_text("Confirmed")


def nothing_of_it_is_seen_by_another_agency(play):
    olu = play.olu
    olu.goto(link_in(play.opened(play.people.other_lead, "Please pass on: Unborn Baby Protocol")))
    expect(olu.get_by_role("link", name="Unborn Baby Protocol")).to_have_count(1)
    expect(olu.get_by_text("You have 1 to confirm.")).to_be_visible()
    expect(olu.get_by_role("main")).not_to_contain_text("City Midwifery")
    theirs = Dissemination.objects.get(agency__name="City Midwifery")
    for address in (f"/agency/protocols/{theirs.pk}/", f"/agency/protocols/{theirs.pk}/confirm/"):
        assert olu.goto(address).status == 404


def read_and_understood(play):
    mary = play.mary
    mary.goto(link_in(play.opened(play.people.midwife, "Please read: Unborn Baby Protocol")))
    expect(mary.get_by_role("img", name="The way of a referral")).to_be_visible()
    mary.get_by_role("button", name="I have read and understood it").click()
    says_that_she_has_read(mary, "Twenty")
    expect(mary.get_by_role("link", name="Who decides")).to_be_visible()
    says_that_she_has_read(mary, "Ten")
    expect(mary.get_by_text("You have read Unborn Baby Protocol, version 1.")).to_be_visible()
    in_my_learning(mary, "version 1", again=False)


def says_that_she_has_read(mary, answer):
    mary.get_by_role("group", name=QUESTION).get_by_label(answer, exact=True).check()
    mary.get_by_role("button", name="I have read and understood it").click()


def in_my_learning(mary, version, *, again):
    mary.goto("/my/")
    row = mary.locator(".govuk-summary-list__row", has_text="Unborn Baby Protocol")
    expect(row).to_contain_text(version)
    expect(row.get_by_text("Please read again")).to_have_count(int(again))


def the_next_draft(play, words, reason, *, is_major):
    """Edit the draft from the list of versions, and submit it for approval."""
    play.ada.goto(play.versions)
    play.ada.get_by_role("link", name="Edit the draft").click()
    editing.is_ready(play.ada)
    editing.write(play.ada, words)
    editing.fill(play.ada, reason=reason, is_major=is_major)
    editing.press(play.ada, "Submit for approval")


def approved_by_everybody(play, number):
    approved_by_the_policy_lead(play, "with the agencies that approve it now: City Midwifery.")
    approved_by_the_agency(play, "A referral is answered within ten working days")
    put_in_force_by_the_chair(play, number)


def what_was_read_stands(play):
    play.mary.goto(ADDRESS)
    expect(play.mary.get_by_text("Only small changes were made since")).to_be_visible()
    expect(play.mary.get_by_role("button", name="I have read")).to_have_count(0)
    in_my_learning(play.mary, "version 1", again=False)


def asked_to_read_again(play):
    mary = play.mary
    in_my_learning(mary, "version 1", again=True)
    mary.goto(link_in(play.opened(play.people.midwife, "Please read: Unborn Baby Protocol")))
    expect(mary.get_by_text("It has changed since, so please read it again.")).to_be_visible()
    mary.get_by_role("button", name="I have read and understood it").click()
    says_that_she_has_read(mary, "Ten")
    expect(mary.get_by_text("You have read Unborn Baby Protocol, version 3.")).to_be_visible()
    in_my_learning(mary, "version 3", again=False)


def all_that_it_was_made_of_is_deleted(play):
    """Delete the sources: picture and document in the admin, revisions through the ORM."""
    picture, form = get_image_model().objects.get(), get_document_model().objects.get()
    editing.delete(play.ada, f"/cms/images/{picture.pk}/delete/")
    editing.delete(play.ada, f"/cms/documents/delete/{form.pk}/")
    Revision.objects.for_instance(ProtocolPage.objects.get()).delete()
    assert not Revision.objects.exists()
    for file in (picture.file, form.file):
        # Deleted once the row is: the page may have been answered before.
        wait_until(lambda file=file: not file.storage.exists(file.name))
