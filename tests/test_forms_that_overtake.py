"""Name every form that writes, and why it cannot undo what somebody else saved meanwhile.

The addresses come from the routes. A form that is not named here fails until somebody has said
which it is: it carries what it showed, or one of the reasons below.
"""

from agencies.back_office.overtaken import OvertakenMixin
from tests.browsing import CARRYING
from tests.test_access_matrix import OURS
from tests.test_overtaken import view_at
from tests.test_recorded import CHANGES

ADDS = "It adds a record, or an entry of its own to one, and changes nothing that is there."
ONE_FACT = "It takes one step from a state that the verb reads again under the lock, or refuses."
OWN = "It is what this person says, which nobody else can change."
SEEN = "It says what it saw of each part: the mark, the row, the person or the address."
SHOWS_NOTHING = "It shows no value of the record, so it can carry none back."
WHY = {
    ADDS: """
        agegroup/new/ agency/new/ assessmentdomain/new/ cascade/<int:pk>/send/ course/new/
        evidence/accept/<int:pk>/ fee/new/ indicator/new/ job/new/ level/new/ material/new/
        outbox/again/<int:pk>/ protocols/<int:pk>/agreed/ protocols/approvals/<int:pk>/remind/
        protocols/editions/<int:pk>/elsewhere/ question/new/
        reports/behind-its-protocol/<int:pk>/briefing/
        reports/behind-its-protocol/<int:pk>/checked/<int:course>/ rolegroup/new/
        run/add/<int:pk>/ run/book/<int:pk>/ run/new/ run/repeat/<int:pk>/ run/write/<int:pk>/
        module/new/ module/bring-in/<int:pk>/ module/packages/<int:pk>/ recording/new/
        sector/new/ shared_domain/new/ snippets/protocols/topic/add/
        snippets/protocols/topic/copy/<int:pk>/
        telephone/<int:pk>/sign-in-link/ telephone/<int:pk>/book/
        telephone/<int:pk>/mail/<int:mail_pk>/again/ tier/new/ trainer/date/<int:run_pk>/
        trainer/new/ users/new/ venue/new/ cascade/remind/<int:pk>/ run/certificates/<int:pk>/
        charge/finance/ agencies:welcome courses:agency_book courses:book
        courses:get_certificate courses:send_training_elsewhere courses:walk_in
        courses:upload_certificate courses:agency_certificate
        protocols:agency_mail protocols:alerts protocols:read record:share_record
        courses:meeting_report agencies:add_colleague courses:walk_in_without_address
        elearning:begin elearning:begin_again elearning:resume
    """,
    ONE_FACT: """
        booking/accept/<int:pk>/ booking/approve/<int:pk>/ booking/cancel/<int:pk>/
        booking/decline/<int:pk>/ booking/give/<int:pk>/ booking/job/<int:pk>/
        booking/refuse/<int:pk>/ booking/turn/<int:pk>/ cascade/again/<int:pk>/
        cascade/name/<int:pk>/ protocols/coming/<int:pk>/call-off/ job/waiting/
        double-accounts/<int:pk>/<int:other>/merge/ double-accounts/merged/<int:pk>/undo/
        double-accounts/<int:pk>/<int:older>/two-people/ cascade/stop/<int:pk>/
        course/link/<int:pk>/
        certificate/correct/<int:pk>/ certificate/revoke/<int:pk>/ charge/waive/<int:pk>/
        design/default/<int:pk>/ design/delivered/<int:pk>/ evidence/refuse/<int:pk>/
        evidence/take_back/<int:pk>/ job/<int:pk>/appoint/ job/<int:pk>/confirm/ job/<int:pk>/vouch/
        job/<int:pk>/end/ job/<int:pk>/refuse/ job/<int:pk>/stand_down/
        module/withdraw/<int:pk>/ module/package/<int:pk>/
        module/grant/<int:pk>/ module/waive/<int:pk>/
        material/remove/<int:pk>/ protocols/<int:pk>/take-back/
        protocols/editions/<int:pk>/put-back/ protocols/editions/<int:pk>/withdraw/
        question/retire/<int:pk>/ reports/retention/<slug:name>/switch-off/
        reports/retention/<slug:name>/switch-on/ run/absences/<int:pk>/ run/ahead/<int:pk>/
        run/approve/<int:pk>/ run/cancel/<int:pk>/ run/tell/<int:pk>/ restored-copy/
        trainer/date/<int:run_pk>/take-off/<int:pk>/ agencies:sign_in_link
        courses:count_complete agencies:leave agencies:left agencies:refuse
        courses:agency_cancel courses:agency_decide courses:answer_offer courses:approval
        courses:booking_job courses:cancel courses:cancel_by_link courses:give courses:offer
        courses:release courses:sign_off protocols:confirm_alerts protocols:draft
        protocols:stop_alerts record:end_share agencies:give_address elearning:choose_again
        elearning:item elearning:situation elearning:check elearning:question elearning:declare
    """,
    OWN: """
        courses:delivery courses:evaluation courses:my_evaluation courses:pre_course
        agencies:prove agencies:addresses agencies:confirm_address
        agencies:end_session agencies:end_other_sessions agencies:session_left
        agencies:forget_kept_text
    """,
    SEEN: """
        agencies:confirm agencies:confirm_manager agencies:vouch courses:choose_mark courses:correct
        courses:correct_session courses:meeting_mark courses:meeting_match courses:register
        courses:register_session courses:register_type courses:register_undo courses:sent_marks
        indicator/bring-in/ module/issue/<int:pk>/
    """,
    SHOWS_NOTHING: "agencies:jobs",
}
NAMED = [form for forms in WHY.values() for form in forms.split()]


def writes_at(outcomes):
    return set(outcomes.values()) - {404, 405, "to sign in"}


def writing():
    """Return the address, or the name, of every form of ours that a POST reaches."""
    return CHANGES.keys() | {name for name, (_, _, post) in OURS.items() if writes_at(post)}


def carrying():
    """Return those that carry what they showed; `test_overtaken` tries each."""
    of_class = {address for address in CHANGES if issubclass(view_at(address), OvertakenMixin)}
    return of_class | (CARRYING - {"wagtailadmin_pages:edit"})


def test_every_form_carries_what_it_showed_or_says_why_it_need_not():
    named, carried = set(NAMED), carrying()
    assert len(named) == len(NAMED), "One reason each"
    assert named & carried == set()
    assert named | carried == writing()
