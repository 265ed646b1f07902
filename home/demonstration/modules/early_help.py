"""Module of the demonstration: Early Help, how the process works. In our own words."""

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

CODE = "early-help"
FACTS = {
    "title": "Early Help: how the process works",
    "summary": "From the first thing that you notice to help that is joined up, and how a family "
    "steps up and steps down.",
    "before_you_start": "This module speaks of neglect and of harm to children. Nothing in it is "
    "the story of a real family. Stop whenever you need to: your place is kept. If it touches "
    "something in your own life, talk with your manager, your occupational health service or the "
    "Samaritans (116 123, free, day and night). If you are worried about a child now, don’t wait "
    "until you have finished: contact the Multi-Agency Safeguarding Hub, or call 999 in an "
    "emergency.",
    "minutes": 45,
    "pass_mark": 80,
}

WHY = "What Early Help is, and why it matters"
NOTICING = "Noticing, and saying what you see"
ASKING = "Asking the family"
ASSESSING = "The Early Help Assessment"
TEAM = "The team around the family"
UP_AND_DOWN = "Stepping up and stepping down"

CONTENT = [
    lesson(
        WHY,
        4,
        section(
            "Several people, one family",
            """<p>A health visitor sees that an appointment was missed. A nursery sees that a child
is hungry on Mondays. A housing officer sees that the rent is behind. Each of them does something
useful. None of them knows that the other two are worried.</p>
<p>That is the problem Early Help is there to solve. It isn’t a team and it isn’t a form. It is an
agreement between every agency in the city: when a family needs more than one service can give,
somebody joins the help up, and everybody knows who that is.</p>""",
        ),
        section(
            "The four levels of help",
            """<ul><li><b>Tier 1, universal:</b> needs are met by the family and by services that
everybody has: a GP, a school, a midwife.</li>
<li><b>Tier 2, early help:</b> the family needs something more, from one service or from several
that share one plan.</li>
<li><b>Tier 3, targeted early help:</b> needs are several or lasting, and would grow worse without
help that is joined up. A locality team takes part.</li>
<li><b>Tier 4, statutory:</b> a child is in need, or is suffering or likely to suffer significant
harm. Children’s social care is involved.</li></ul>
<p>The levels describe what a family needs <b>now</b>. They don’t describe the family. People move
up and down, and both directions are normal.</p>""",
        ),
        section(
            "Who does it",
            """<p>You do. Anyone who works with a child, or with an adult who looks after one, can
start an Early Help Assessment. You don’t need permission from another service, and you don’t need
to be certain. A teaching assistant, a drugs worker, a police officer and a GP all have the same
standing here.</p>""",
        ),
        reflection(
            "Think of the last time that something about a child or a parent stayed with you after "
            "work. Who else might have seen a part of the same picture?",
            "School or nursery, health visitor or school nurse, GP, housing, a relative, a sports "
            "club, a service for one of the parents. Would you have known how to reach them?",
        ),
    ),
    lesson(
        NOTICING,
        5,
        section(
            "Describe, don’t label",
            """<p>‘Chaotic’, ‘hard to engage’ and ‘neglectful’ sound professional and tell the next
reader almost nothing. They can also stick to a family for years. Write what you saw, heard or were
told, with dates:</p>
<ul><li>not ‘poor attendance’, but ‘missed 11 of the last 30 days, most of them Mondays’</li>
<li>not ‘unkempt’, but ‘wore the same unwashed clothes from Tuesday to Friday’</li>
<li>not ‘mum is disengaged’, but ‘has not answered three calls since 4 March; says that her phone
is shared’</li></ul>""",
        ),
        section(
            "The indicators of need",
            """<p>The board publishes a table of indicators: signs, by level of need and by area of
a child’s life. It covers the child’s development, the family and its surroundings, and what the
parents or carers are able to do. Use it for two things.</p>
<ul><li><b>To check yourself.</b> Is this one worry, or several? Has the same sign been there for
months?</li>
<li><b>To be understood.</b> When a school and a GP use the same words, the person who reads both
sees one picture.</li></ul>
<p>One indicator seldom decides anything. Look for several together, for one that doesn’t go away,
and for one that is severe.</p>""",
        ),
        section(
            "What is easy to miss",
            """<ul><li><b>Adults who come and go.</b> A new partner, a lodger, an older brother:
ask who is in the home, and about each adult’s history.</li>
<li><b>The quiet child.</b> A child who causes no trouble is not always a child who is fine.</li>
<li><b>Cancelled appointments.</b> ‘Was not brought’ is more accurate than ‘did not attend’: a
child does not cancel.</li>
<li><b>Improvement that doesn’t last.</b> Compare with three months ago, not with last week.</li>
<li><b>What you have become used to.</b> What would a colleague notice who came for the first
time?</li></ul>""",
        ),
        warning(
            "A bruise or injury in a baby who isn’t moving by themselves yet, or an injury that "
            "doesn’t fit its explanation, is not a matter for Early Help. Contact the hub the same "
            "day."
        ),
    ),
    lesson(
        ASKING,
        5,
        section(
            "Start with the family",
            """<p>Before you speak with anyone else, speak with the family, unless that would put a
child at risk. Say plainly what you have seen and ask what it is like for them. Most parents already
know that something isn’t right, and many are relieved when somebody says so kindly.</p>
<ul><li>‘I’ve noticed that Sam has been very tired this term. How are things at home?’</li>
<li>‘What is going well? What is hardest at the moment?’</li>
<li>‘Who helps you? Is there anyone you’d rather not have involved?’</li></ul>
<p>Ask the child too, in a way that fits their age: what is a good day like, and what is a bad
one?</p>""",
        ),
        section(
            "What agreement means",
            """<p>Early Help is voluntary. A family that agrees knows <b>what</b> will be shared,
<b>with whom</b>, <b>why</b>, and that they can change their mind. A signature without that is not
agreement. Ask each parent who has responsibility, and the child where they are old enough to
understand. Record what they agreed to and when, and ask again each time a new service joins.</p>""",
        ),
        section(
            "If they say no",
            """<p>Ask why. ‘No’ often means ‘not this’, ‘not now’ or ‘not you’. Then ask yourself
one question: <b>is the child safe?</b></p>
<ul><li><b>Yes:</b> keep offering what your own service can, talk it over with your safeguarding
lead, and set a day to ask again. Write that day down.</li>
<li><b>You are worried about harm:</b> that worry doesn’t wait for agreement. Contact the hub. Tell
the family that you are doing so, unless telling them would put somebody at greater risk.</li></ul>
<p>You may share information without agreement where a child may be at risk of significant harm, and
you should. Data protection law allows it. Write down what you shared, with whom and why.</p>""",
        ),
        reflection(
            "How would you begin this conversation with a parent whom you like, and who you know "
            "will be hurt by it?",
            "Being kind and being clear are not opposites. Begin with what you have seen, not with "
            "what you think of it.",
        ),
    ),
    scenario(
        "Tired on Mondays",
        5,
        "<p>You work in a primary school. <b>Leo</b>, who is 6, has been late or absent on most "
        "Mondays since September. He often falls asleep after lunch. His mother, <b>Dani</b>, is "
        "friendly and always in a hurry.</p>",
        situation(
            "A conversation at the gate",
            "<p>It is Monday. Dani arrives at 9.40 with Leo, who hasn’t had breakfast. She says: "
            "‘Sorry, mad morning.’ You have ten minutes before your next class.</p>",
            choice(
                "Say nothing today, and mark him late again",
                "The ninth late Monday looks like the eighth. Nothing is worse, and nothing is "
                "better. In the spring Leo has missed a day in five, and the letter that goes home "
                "then is about fines. What could have been a conversation has become a dispute.",
                2,
            ),
            choice(
                "Give Leo breakfast, and ask Dani whether you can talk this afternoon",
                "Leo eats two bowls of cereal. Dani hesitates, then says yes. She had expected to be "
                "told off. You have shown that you noticed, and that it isn’t an accusation.",
                2,
            ),
            choice(
                "Ring children’s social care: a hungry child is neglected",
                "The hub asks what you have seen and since when, what the school has tried, and what "
                "his mother says. You can’t answer the last two. Early Help is advised, and Dani "
                "hears of it from somebody she has never met. Trust will take longer now.",
                2,
            ),
        ),
        situation(
            "What Dani says",
            "<p>You do talk. Dani’s partner left in August. She cleans offices on Sunday nights and "
            "gets home at four in the morning; a neighbour sleeps at the flat. The rent is two "
            "months behind. She cries, and says: ‘Please don’t make this a social services "
            "thing.’</p>",
            choice(
                "Promise that nothing will go any further",
                "You can’t keep that promise, and she will remember it. If something happens you "
                "will have to share what you know, and she will feel deceived.",
                3,
            ),
            choice(
                "Explain what Early Help is, who would see what, and that she decides",
                "She asks whether the housing people could be in it. Rent is what keeps her awake. "
                "You have just learned what matters most to her, and she has just agreed.",
                3,
            ),
            choice(
                "Offer breakfast club, and leave it there",
                "Breakfast club helps Leo, and costs nothing. But the debt and the nights aren’t "
                "touched by it. One service can’t meet this need alone, and you know it now.",
                3,
            ),
        ),
        situation(
            "Who starts?",
            "<p>The school nurse says that the family is known to the health visitor for Leo’s baby "
            "sister. The health visitor says: ‘I thought the school was doing something.’</p>",
            choice(
                "Start the Early Help Assessment yourself, with Dani",
                "It takes two meetings. The health visitor brings what she knows, housing joins the "
                "team, and a plan for Sunday nights is the first thing on it. By Easter Leo has "
                "missed one Monday.",
            ),
            choice(
                "Ask the health visitor to start it, as she has known the family longer",
                "She may well be the better lead professional, and the family should help choose. "
                "But nobody has written anything down yet, and each of you now believes that the "
                "other will. Whoever is first concerned starts. Who leads is decided later.",
            ),
            choice(
                "Wait for the next termly meeting, where all of you will be in one room",
                "That is seven weeks away. The court letter about the rent comes in week five.",
            ),
        ),
    ),
    lesson(
        ASSESSING,
        4,
        section(
            "What it is for",
            """<p>The Early Help Assessment answers three questions with the family: what is going
well, what needs to change for the children, and who can help with it. It is finished within <b>20
working days</b> of the family’s agreement. A short assessment now is worth more than a perfect one
in the summer.</p>""",
        ),
        section(
            "Every area, and strengths as well as needs",
            """<p>Cover the child’s development, the family and its surroundings, and what parents
or carers are able to do. Leave nothing out because it is awkward: ask about each adult’s health,
alcohol and drugs, abuse, money, and what happened to them as children. Explain that you ask
everybody.</p>
<p>Strengths aren’t decoration. A grandmother who collects the children three times a week is part
of the plan, and if she falls ill she is part of the risk.</p>""",
        ),
        section(
            "Look for what is there already",
            """<p>Check whether an assessment is registered before you start one. If there is one,
the family shouldn’t have to tell everything again: call its lead professional. When yours is
finished, <b>register it</b> with the locality team, so that the next person who looks finds it.
An assessment in a drawer helps nobody.</p>""",
        ),
        points(
            "Before you call it finished",
            "Can you hear the child’s own words in it?",
            "Does it say what you have seen, with dates?",
            "Are all the adults in it, also those who come and go?",
            "Would the family recognise itself, and have they a copy?",
            "Is it registered?",
        ),
    ),
    lesson(
        TEAM,
        5,
        section(
            "One plan, one person to ring",
            """<p>The first meeting of the team around the family is within <b>15 working days</b>
of the assessment. The family chooses, with the team, a <b>lead professional</b>: their one point of
contact, who keeps the plan and sees every handover through. That needn’t be the most senior person
or the one who made the assessment. It should be somebody the family will ring.</p>
<p>If nobody can be agreed, the locality team finds somebody. It never means that nobody leads.</p>""",
        ),
        section(
            "A plan that can fail",
            """<p>A good plan says <b>what should be different for the child</b>, who does what, by
when, and how everybody will know. ‘Support mum with parenting’ can’t fail, so it can’t work. ‘Leo is
at school by 8.50 on four Mondays of five by half-term’ can.</p>""",
        ),
        section(
            "Reviewing",
            """<p>The team meets again every <b>6 weeks</b>. Ask the child what has changed. Compare
with the last review, not with the hope that went into the plan. At each review one of four things
is true:</p>
<ul><li>needs are met: close with the family, and say who they can come back to</li>
<li>things are getting better: carry on, and review again</li>
<li>nothing has changed after two reviews: step up</li>
<li>needs are growing: step up, without waiting for a second review</li></ul>
<p>Between meetings, your supervisor asks the same questions at least monthly. Supervision is where
somebody who doesn’t know the family can see what you have become used to.</p>""",
        ),
    ),
    lesson(
        UP_AND_DOWN,
        5,
        section(
            "Stepping up",
            """<p>If a child may be suffering significant harm, contact the Multi-Agency
Safeguarding Hub the <b>same working day</b>. Telephone if it is urgent, then write within <b>24
hours</b>. In an emergency call 999. Say:</p>
<ul><li>what you have seen, and since when</li>
<li>what has been tried, and what came of it</li>
<li>what the family thinks, and whether they know that you are in touch</li>
<li>what you are worried will happen</li>
<li>each adult’s history: it is what is most often left out</li></ul>
<p>If there is an early help plan, send it. It is the best evidence that anybody has. The hub answers
within <b>3 working days</b>. Until a social worker has met the family, the lead professional stays.
If you haven’t heard, ask: no answer isn’t an answer.</p>""",
        ),
        section(
            "If you disagree",
            """<p>Say so the same day, to the person who decided. If that doesn’t settle it, follow
the escalation protocol. It isn’t a complaint and it isn’t personal: it is how two professionals who
see different parts make one decision. The child’s plan carries on meanwhile.</p>""",
        ),
        section(
            "Stepping down",
            """<p>When a statutory plan has done its work and some needs remain, the family steps
down to Early Help. There is a meeting with the family at least <b>10 working days</b> before social
care closes. The social worker doesn’t close until a lead professional is named, has met the family
and holds the plan. Write down what would bring the family back up. The first review is 6 weeks after
the handover.</p>
<p>Both directions are handovers. <b>Nobody lets go until somebody else has taken hold and the family
knows who.</b></p>""",
        ),
        reflection(
            "Think of a case that you handed over. How did you know that somebody had taken hold?",
            "‘I sent the email’ is not the same as ‘she rang me back and has met them’.",
        ),
    ),
    scenario(
        "After the second review",
        4,
        "<p>You are the lead professional for <b>Amy</b>, 13, and her brother <b>Kit</b>, 4. The plan "
        "is 12 weeks old. Amy looks after Kit in the evenings, because their father drinks.</p>",
        situation(
            "The review",
            "<p>Father came to the first meeting, and not to this one. The alcohol service closed his "
            "case after two missed appointments. Amy’s attendance has gone from 88% to 79%. Amy says: "
            "‘It’s fine, honestly.’</p>",
            choice(
                "Carry on: the plan needs more time",
                "Two reviews have passed and the numbers are worse. Hope isn’t a change. A plan that "
                "nobody measures can go on for years.",
                2,
            ),
            choice(
                "Speak with Amy alone, and then decide with the team about stepping up",
                "Amy tells the school nurse that Kit sleeps in her bed, ‘so that I know if Dad goes "
                "out’. That isn’t fine. The team agrees the same day that the family steps up.",
                2,
            ),
            choice(
                "Close the plan, because father doesn’t engage",
                "Early Help is voluntary for parents. Closing would leave a 13-year-old with what "
                "three services could not carry. If agreement fails and needs are growing, the way "
                "is up, not out.",
                2,
            ),
        ),
        situation(
            "The contact",
            "<p>You contact the hub. Three working days later the answer is: ‘Continue with Early "
            "Help.’ The reasons don’t mention Kit being left alone at night.</p>",
            choice(
                "Accept it: they have seen more cases than you have",
                "They may have seen more cases. They haven’t seen this one. Perhaps what Amy said to "
                "the nurse never reached the form.",
            ),
            choice(
                "Ring today, ask whether they knew of the nights, and say that you disagree",
                "They didn’t know: it was in the nurse’s notes and not in the contact. The decision "
                "is looked at again that afternoon, and a social worker visits the next day. You "
                "stay until she has met the family.",
            ),
            choice(
                "Write to your manager, and wait for supervision next week",
                "Your manager should know. But a worry about tonight doesn’t wait a week. Disagree "
                "the same day, with the person who decided, and tell your manager that you have.",
            ),
        ),
    ),
]

CHECK = [
    pool(
        "Notice early, and describe what you see",
        3,
        one(
            "Which of these is most useful to the next person who reads it?",
            ("‘Family is chaotic.’", "A label. Two readers will imagine two different families."),
            (
                "‘Missed 11 of the last 30 school days, 8 of them Mondays.’",
                "Yes: it can be checked, compared and acted on.",
            ),
            ("‘Mum is hard to engage.’", "It says how you feel, and not what happened."),
            ("‘Some attendance issues.’", "How many, since when, and on which days?"),
            right=2,
            again=NOTICING,
        ),
        is_it_true(
            "You need another service’s permission before you start an Early Help Assessment.",
            False,
            again=WHY,
            says="Anyone who works with a child or their family can start one.",
        ),
        several(
            "Which of these are good uses of the indicators of need?",
            ("To check whether there is one worry or several", "Yes."),
            ("To use words that other agencies understand", "Yes."),
            (
                "To add up a score that decides the level of help",
                "No. There is no score: look for several together, what lasts, and what is severe.",
            ),
            (
                "To show the family why they are a tier 3 family",
                "No. Levels describe needs now, not families.",
            ),
            right={1, 2},
            again=NOTICING,
        ),
        one(
            "A 4-month-old has a small bruise on the cheek. Her parents are friendly and say that "
            "they don’t know how it happened. What do you do?",
            (
                "Start an Early Help Assessment",
                "No. A bruise on a baby who isn’t moving yet is never a matter for Early Help.",
            ),
            ("Ask again at the next visit", "No: this can’t wait."),
            ("Contact the hub the same day", "Yes, however friendly the parents are."),
            ("Write it down and watch for a second one", "No. One is enough."),
            right=3,
            again=NOTICING,
        ),
        match(
            "Match each level to what it means.",
            ("Tier 1", "Needs met by the family and services that everybody has"),
            ("Tier 2", "Something more, from one service or several with one plan"),
            ("Tier 3", "Several or lasting needs; a locality team takes part"),
            ("Tier 4", "A child in need, or significant harm: social care"),
            again=WHY,
            says="The levels describe what a family needs now. Families move up and down.",
        ),
        is_it_true(
            "‘Was not brought’ describes a child’s missed appointment better than ‘did not attend’.",
            True,
            again=NOTICING,
            says="A child can’t bring themselves. The words point at the question to ask.",
        ),
    ),
    pool(
        "Work with the family’s agreement, and know when not to wait for it",
        3,
        several(
            "A family has agreed to Early Help only if they know …",
            ("what will be shared", "Yes."),
            ("with whom", "Yes."),
            ("why", "Yes."),
            ("that they can’t change their mind once the plan has begun", "No: they always can."),
            right={1, 2, 3},
            again=ASKING,
        ),
        one(
            "Parents say no to an assessment. You think that the child is safe. What next?",
            ("Close, since Early Help is voluntary", "No. Keep offering what you can."),
            (
                "Offer what your own service can, talk with your safeguarding lead, set a day to "
                "ask again",
                "Yes. ‘No’ is often ‘not now’.",
            ),
            ("Start it without telling them", "No. Early Help works with agreement."),
            ("Contact the hub so that they have to agree", "No: the hub isn’t a threat to use."),
            right=2,
            again=ASKING,
        ),
        is_it_true(
            "Data protection law stops you from sharing without agreement, even where a child may be "
            "at risk of significant harm.",
            False,
            again=ASKING,
            says="You may share it then, and you should. Write down what, with whom and why.",
        ),
        one(
            "A mother asks you to promise that nothing she says will go further. You say:",
            ("‘I promise.’", "A promise that you may have to break costs more trust than it buys."),
            (
                "‘I’ll tell you what I share and why. If I thought that a child was being harmed, "
                "I’d have to act.’",
                "Yes: honest, and she still decides about everything else.",
            ),
            ("‘Then please don’t tell me.’", "She needed to tell somebody, and chose you."),
            right=2,
            again=ASKING,
        ),
        several(
            "Whom do you ask for agreement?",
            ("Each parent who has responsibility", "Yes."),
            ("The child, where they are old enough to understand", "Yes."),
            ("The school’s governors", "No."),
            ("Whichever parent is easier to reach, and no other", "No: ask each of them."),
            right={1, 2},
            again=ASKING,
        ),
    ),
    pool(
        "Assess, plan and review together",
        2,
        in_order(
            "Put these steps in order.",
            "Talk with the family about what you have seen",
            "Get their agreement",
            "Make the Early Help Assessment",
            "Meet as the team around the family",
            "Review the plan",
            again=ASSESSING,
            says="20 working days for the assessment, 15 more to the first meeting, then every 6 "
            "weeks.",
        ),
        one(
            "Within how long is the assessment finished, once the family has agreed?",
            ("5 working days", "Too short to ask everybody who should be asked."),
            ("20 working days", "Yes."),
            ("3 months", "Too long: by then the family’s life has moved on."),
            ("There is no limit", "There is one, so that help doesn’t wait."),
            right=2,
            again=ASSESSING,
        ),
        one(
            "Who should be the lead professional?",
            ("The most senior person in the team", "Not because of that."),
            ("Whoever made the assessment, always", "They may be, but it isn’t a rule."),
            ("Somebody chosen with the family, whom they will ring", "Yes."),
            ("The social worker", "In Early Help there may not be one."),
            right=3,
            again=TEAM,
        ),
        one(
            "Which of these belongs in a plan?",
            ("‘Support mum with parenting’", "How would you know whether it had worked?"),
            (
                "‘Leo is at school by 8.50 on four Mondays of five by half-term’",
                "Yes. It can fail, so it can work.",
            ),
            ("‘Improve outcomes’", "Whose, in what, by when?"),
            ("‘Monitor the situation’", "Who looks at what, and what will they do about it?"),
            right=2,
            again=TEAM,
        ),
        is_it_true(
            "Once your assessment is finished it should be registered with the locality team.",
            True,
            again=ASSESSING,
            says="Otherwise the next person who is worried begins again at the beginning.",
        ),
    ),
    pool(
        "Step up and step down safely",
        2,
        several(
            "Which of these mean that a family should step up?",
            ("Nothing has changed after two reviews", "Yes."),
            ("Needs are growing", "Yes, without waiting for another review."),
            ("The lead professional is leaving", "No: that is a handover, at the same level."),
            ("Things get better, but slowly", "No: carry on, and review again."),
            right={1, 2},
            again=TEAM,
        ),
        one(
            "What is most often left out of a contact with the hub?",
            ("The child’s date of birth", "Rarely."),
            ("Each adult’s history", "Yes. Ask about it and pass on what you know."),
            ("The name of the school", "Rarely."),
            ("The reason for the call", "Rarely."),
            right=2,
            again=UP_AND_DOWN,
        ),
        one(
            "The hub says that Early Help is the right level. You disagree. What do you do?",
            ("Nothing: it is their decision", "It is theirs, and you may know what they don’t."),
            (
                "Say so the same day, and follow the escalation protocol if that doesn’t settle it",
                "Yes. And the plan carries on meanwhile.",
            ),
            ("Make the same contact again next month", "A month is long for a child."),
            ("Tell the family that the hub has got it wrong", "That helps nobody."),
            right=2,
            again=UP_AND_DOWN,
        ),
        is_it_true(
            "When a family steps down, the social worker can close before the new lead professional "
            "has met the family.",
            False,
            again=UP_AND_DOWN,
            says="Nobody lets go until somebody else has taken hold and the family knows who.",
        ),
    ),
]
