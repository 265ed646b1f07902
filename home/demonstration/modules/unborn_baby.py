"""Module of the demonstration: concealed pregnancy, a first look. In our own words."""

from home.demonstration.modules.parts import (
    choice,
    in_order,
    is_it_true,
    lesson,
    match,
    one,
    points,
    pool,
    reflection,
    scenario,
    section,
    several,
    situation,
    warning,
)

CODE = "unborn-baby"
FACTS = {
    "title": "Concealed pregnancy and the unborn baby: a first look",
    "summary": "What concealment can mean, what to ask and how, and what to do the same day.",
    "before_you_start": "This module speaks of pregnancies that were hidden, of abuse and of loss. "
    "Nothing in it is the story of a real family. Stop whenever you need to: your place is kept. If "
    "it touches something in your own life, talk with your manager, your occupational health "
    "service or the Samaritans (116 123, free, day and night). If you are worried about an unborn "
    "baby or a child now, don’t wait until you have finished: contact the Multi-Agency Safeguarding "
    "Hub, or call 999 in an emergency.",
    "minutes": 20,
    "pass_mark": 80,
}

WORDS = "Concealed, denied, late booked"
HOW_TO_ASK = "Asking, and listening"
WHAT_TO_DO = "What to do, and when"

CONTENT = [
    lesson(
        WORDS,
        4,
        section(
            "Three words",
            """<ul><li><b>Concealed:</b> she knows that she is pregnant and tells no professional,
or hides it from those who ask.</li>
<li><b>Denied:</b> she doesn’t accept, or isn’t aware, that she is pregnant.</li>
<li><b>Late booked:</b> antenatal care begins after 24 weeks. The boards have set that number
locally, and review it with the protocol.</li></ul>
<p>You often can’t tell at first which it is, and you don’t need to. In all three, what you do next
is the same.</p>""",
        ),
        section(
            "Why it matters",
            """<p>The baby has had no antenatal care, and risks to mother and baby are greater, most
of all when nobody is there at the birth. The <b>reasons</b> matter as much: fear of a partner or of
family, abuse or exploitation, shame, an earlier loss, a child who was removed, mental ill health, or
simply not knowing.</p>
<p>Concealment isn’t evidence that a parent will harm a child. It is always a reason to find out more,
and never something that one agency can find out alone.</p>""",
        ),
        section(
            "Who may notice",
            """<p>Not only a midwife. A school nurse, a youth worker, a sexual health clinic, an
emergency department, a drugs worker, a housing officer or a pharmacist may be the first, or the only
one, to see it.</p>""",
        ),
    ),
    lesson(
        HOW_TO_ASK,
        5,
        section(
            "Make it possible to answer",
            """<p>Ask alone. Not with a partner, a parent or a friend in the room, and never with a
relative as interpreter: use an independent one. Say why you ask, that you ask others too, and what
you do with the answer. Then wait.</p>
<ul><li>‘Some people find it hard to tell anyone that they are pregnant. Has it been like that for
you?’</li>
<li>‘Who knows, and who doesn’t? What would happen if they did?’</li>
<li>‘Do you feel safe at home?’</li>
<li>‘Have you been pregnant before? What happened then?’</li></ul>""",
        ),
        section(
            "Listen for the baby",
            """<p>How does she speak of the baby: he, she, it, or not at all? What has she prepared?
Has she a name? Ask about the other parent and about <b>every adult in the home</b>, and about each
one’s history. If she is under 18, ask yourself whether the pregnancy could follow from abuse or
exploitation. Under 13 it always means a contact the same day.</p>""",
        ),
        section(
            "A pregnancy that was concealed before",
            """<p>An earlier concealed pregnancy is among the most useful things to know and the
least often passed on. Look for it in your own records, ask about it, and put it in the referral in
plain words: not ‘complex obstetric history’, but ‘her pregnancy in 2022 was concealed until the
birth’.</p>""",
        ),
        reflection(
            "What would make it hard for you to ask this question tomorrow?",
            "Fear of giving offence, a full waiting room, a partner who answers for her. Which of "
            "these could you change before tomorrow?",
        ),
    ),
    lesson(
        WHAT_TO_DO,
        4,
        section(
            "The same day",
            """<p>A concealed, denied or late-booked pregnancy is referred to children’s social care
<b>the same day</b>. Telephone, then confirm in writing within <b>24 hours</b>. Give the facts, the
history of both parents, the risk as you understand it, and <b>what you ask for</b>. ‘For information’
isn’t a referral: nobody can act on it.</p>
<p>If the threshold is not met you get the reasons in writing. If you disagree, escalate: a pregnancy
doesn’t wait.</p>""",
        ),
        section(
            "Before the birth",
            """<ul><li>The assessment before birth is complete by 28 weeks.</li>
<li>Where significant harm is likely, there is a child protection conference by 30 weeks.</li>
<li>The birth plan is made by 34 weeks: who is told when labour starts, who may visit, and what happens
if the baby comes early or somewhere else.</li></ul>
<p>When a pregnancy comes to light late, these days have passed. Then everything is done at once, and
a strategy discussion is held.</p>""",
        ),
        warning(
            "If you find out about a concealed pregnancy at or after the birth, telephone children’s "
            "social care before mother and baby leave hospital, at any hour. No baby goes home before "
            "the plan for going home is agreed and shared."
        ),
        points(
            "Take with you",
            "Ask alone, ask kindly, and ask what happened before.",
            "Why it was concealed matters as much as when it came to light.",
            "More than one agency, always. Say what you ask for.",
        ),
    ),
    scenario(
        "A stomach ache",
        3,
        "<p>You are a nurse in an emergency department. It is Saturday, 9pm. <b>Zara</b>, who is 19, "
        "has come with stomach pain. Her boyfriend answers most of your questions.</p>",
        situation(
            "Asking",
            "<p>The test is positive. By the scan she is about 33 weeks. Nobody has seen her in this "
            "pregnancy.</p>",
            choice(
                "Tell them both the good news, and book a midwife for Monday",
                "His face closes. She says nothing more all evening. You don’t know whether he knew, "
                "and now you can’t ask her.",
                2,
            ),
            choice(
                "Take her for ‘one more test’, and speak with her alone",
                "She cries. She has known since the spring. He doesn’t want a child, and has pushed "
                "her twice. Her first baby, three years ago, lives with her aunt.",
                2,
            ),
            choice(
                "Wait for the doctor to bring it up",
                "The doctor assumes that you have. On a busy Saturday each of you waits for the "
                "other.",
                2,
            ),
        ),
        situation(
            "Before she leaves",
            "<p>The pain has gone and she wants to go home. It is 11.30pm. A colleague says: ‘Nothing "
            "will happen before Monday anyway.’</p>",
            choice(
                "Let her go, with a letter to her GP",
                "She may not open it, and her GP may not see it before Wednesday. Nobody who could "
                "make her safe tonight knows that she is not.",
            ),
            choice(
                "Telephone out-of-hours social care and the midwife on call, with her knowing, and "
                "write it down tonight",
                "You give the facts, his violence, her first child, and what you ask for: a strategy "
                "discussion, and somewhere safe tonight. She agrees to stay. On Sunday there is a "
                "plan.",
            ),
            choice(
                "Send a form to the hub ‘for information’",
                "It is read on Monday at ten. It doesn’t say what the risk is or what you ask for, so "
                "somebody rings to find out. You are off until Thursday.",
            ),
        ),
    ),
]

CHECK = [
    pool(
        "Know what concealment can mean",
        2,
        match(
            "Match each word to what it means.",
            ("Concealed", "She knows, and hides it"),
            ("Denied", "She doesn’t accept it, or isn’t aware"),
            ("Late booked", "Antenatal care begins after 24 weeks"),
            again=WORDS,
            says="You often can’t tell which it is. What you do next is the same.",
        ),
        is_it_true(
            "A concealed pregnancy is in itself evidence that a parent will harm the baby.",
            False,
            again=WORDS,
            says="It isn’t. It is always a reason to find out more, with other agencies.",
        ),
        several(
            "Which of these can be reasons for concealing a pregnancy?",
            ("Fear of a partner or of family", "Yes."),
            ("A child who was removed before", "Yes."),
            ("Abuse or exploitation", "Yes."),
            ("Not knowing", "Yes: some do not know until late."),
            ("Being sure that everything is fine", "This is not a reason to hide it."),
            right={1, 2, 3, 4},
            again=WORDS,
        ),
    ),
    pool(
        "Ask well",
        2,
        one(
            "She speaks little English, and her sister offers to interpret. What do you do?",
            ("Accept: she will feel more at ease", "You can’t know what she may say before her."),
            ("Use an independent interpreter", "Yes, and see her alone."),
            ("Ask by gestures, and keep it short", "No: these questions need words."),
            right=2,
            again=HOW_TO_ASK,
        ),
        one(
            "Which words belong in a referral?",
            ("‘Complex obstetric history’", "The reader can’t know what you mean."),
            ("‘Her pregnancy in 2022 was concealed until the birth’", "Yes."),
            ("‘Non-engaging mother’", "A label, and no fact."),
            right=2,
            again=HOW_TO_ASK,
        ),
        several(
            "About whom do you ask?",
            ("The mother", "Yes."),
            ("The other parent", "Yes."),
            ("Every other adult in the home", "Yes, and each one’s history."),
            ("Nobody but the mother: she is the patient", "No: the baby will live with them all."),
            right={1, 2, 3},
            again=HOW_TO_ASK,
        ),
    ),
    pool(
        "Act the same day",
        2,
        one(
            "When do you refer a concealed pregnancy?",
            ("The same day", "Yes: telephone, and write within 24 hours."),
            ("After the next antenatal appointment", "There may not be one."),
            ("When the baby is born", "Then the time to make a plan has passed."),
            right=1,
            again=WHAT_TO_DO,
        ),
        is_it_true(
            "Sending a form ‘for information’ is a referral.",
            False,
            again=WHAT_TO_DO,
            says="Say what the risk is, how you know, and what you ask for.",
        ),
        in_order(
            "Put these in the order in which they happen, when a pregnancy is known early.",
            "Referral, from 16 weeks",
            "Assessment before birth, by 28 weeks",
            "Child protection conference, by 30 weeks",
            "Birth plan, by 34 weeks",
            "Meeting before going home",
            again=WHAT_TO_DO,
            says="When it comes to light late, all of this is done at once.",
        ),
        one(
            "A pregnancy comes to light at the birth, on a Saturday night. Mother and baby are well "
            "and want to go home. You …",
            ("let them go, and write on Monday", "No."),
            (
                "telephone children’s social care before they leave, at any hour",
                "Yes. No baby goes home before the plan is agreed.",
            ),
            ("ask the health visitor to call on Monday", "She should know, and it is too late."),
            right=2,
            again=WHAT_TO_DO,
        ),
    ),
]
