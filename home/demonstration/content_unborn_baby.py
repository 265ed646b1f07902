"""Unborn Baby Protocol of the demonstration, in our own words and with invented contacts."""

SUMMARY = (
    "What agencies across Hampshire, the Isle of Wight, Portsmouth and Southampton do together when"
    " there is concern for a baby who is not yet born, or a pregnancy has been concealed."
)

BODY = [
    (
        "key_points",
        {
            "heading": "Key points",
            "points": [
                "Start early. The months before birth are the time to understand the family, offer help"
                " and make a plan that everybody knows.",
                "A concealed pregnancy is always explored by more than one agency. How it came about"
                " matters as much as when it came to light.",
                "Say in the referral what the risk is and how you know. ‘For information’ is not a"
                " referral.",
                "Ask about both parents and any other adult in the home, and about each one’s history.",
                "No baby goes home from hospital before the plan for going home is agreed and shared.",
            ],
        },
    ),
    (
        "section",
        {
            "heading": "About this protocol",
            "text": """<p>Four safeguarding boards own this protocol, so that a family who books in one
area, gives birth in another and lives in a third meets the same practice. It applies from the
moment that anyone learns of a pregnancy until the baby is at home and the plan is in the hands of
the health visitor and, where there is one, the social worker.</p>
<p>Most expectant parents need no more than good universal care. This protocol is for the smaller
number whose circumstances may put a baby at risk, and it asks for help before it asks for
protection.</p>""",
        },
    ),
    (
        "section",
        {
            "heading": "When to be concerned",
            "text": """<p>One of these alone may mean little. Several together, or one that is severe,
should lead to a conversation with your safeguarding lead and to an assessment.</p>
<ul><li>domestic abuse, now or in an earlier relationship of either parent</li>
<li>alcohol or drug use that continues in pregnancy</li>
<li>serious mental ill health, or a learning difficulty without support</li>
<li>an older child who has been subject to a plan, or who lives apart from the parent</li>
<li>a parent who is very young, or who was in care</li>
<li>late booking, missed appointments, or moving often</li>
<li>a concealed or denied pregnancy, now or before</li></ul>""",
        },
    ),
    (
        "section",
        {
            "heading": "Concealed pregnancy",
            "anchor": "concealed-pregnancy",
            "text": """<p>A pregnancy is <b>concealed</b> when a woman knows that she is pregnant and
tells no professional, or hides it from those who ask. It is <b>denied</b> when she does not
accept, or is not aware, that she is pregnant. It is <b>late booked</b> when antenatal care begins
after 24 weeks: a number that the four boards have set locally and review with this protocol. In
all three the response below is the same.</p>
<h3>Why it matters</h3>
<p>The baby has had no antenatal care; health risks to mother and baby are greater, most of all
when the birth is unattended. The reasons are as important: fear of a partner or of family, abuse,
shame, an earlier loss, a child removed, mental ill health, or simply not knowing. Concealment is
found in a small but telling share of serious case reviews. It is not in itself evidence that a
parent will harm a child. It is always a reason to find out more.</p>
<h3>What to ask</h3>
<ul><li>Who knew of the pregnancy, who did not, and why?</li>
<li>Was an earlier pregnancy concealed? What became of it?</li>
<li>Is she safe with those she lives with? Ask her alone, with an independent interpreter if she
needs one.</li>
<li>How does she speak of the baby? What has she prepared?</li>
<li>Could the pregnancy follow from abuse or exploitation? Is she under 18?</li>
<li>Does she need a psychological or psychiatric opinion as part of the assessment?</li></ul>""",
        },
    ),
    (
        "warning",
        {
            "text": "If you find out about a concealed pregnancy at or after the birth, telephone"
            " children’s social care before the mother and baby leave hospital, at any hour.",
        },
    ),
    (
        "process",
        {
            "heading": "What to do, from booking to going home",
            "anchor": "what-to-do",
            "introduction": "",
            "steps": [
                {
                    "title": "Book, ask and share",
                    "who": "Midwife and GP",
                    "when": "At booking, normally by 10 weeks",
                    "text": "<p>The GP completes the maternity booking form from the whole record, the"
                    " partner’s too where it is held. The midwife asks about safety at every contact at"
                    " which the woman is alone.</p>",
                    "branches": [
                        {
                            "condition": "No additional need",
                            "way": "on",
                            "text": "Universal care. Ask again at each contact.",
                            "goes_to": None,
                        },
                        {
                            "condition": "Additional need",
                            "way": "on",
                            "text": "Offer an Early Help Assessment.",
                            "goes_to": 2,
                        },
                        {
                            "condition": "Concealed, denied or late booked, or risk of significant harm",
                            "way": "up",
                            "text": "Refer the same day.",
                            "goes_to": 3,
                        },
                    ],
                },
                {
                    "title": "Plan early help before birth",
                    "who": "Midwife, health visitor and family",
                    "when": "From 12 weeks",
                    "text": "<p>Agree who leads. Midwife, GP and health visitor talk about the family"
                    " at their link meeting.</p>",
                    "branches": [
                        {
                            "condition": "Needs grow, or help is not taken up",
                            "way": "up",
                            "text": "Refer with the plan attached.",
                            "goes_to": 3,
                        },
                    ],
                },
                {
                    "title": "Refer to children’s social care",
                    "who": "Whoever has the concern",
                    "when": "From 16 weeks, or at once if later",
                    "text": "<p>Telephone, then confirm in writing within 24 hours. Give the facts, the"
                    " history of both parents, the risk as you understand it and what you ask for.</p>",
                    "branches": [
                        {
                            "condition": "The threshold is met",
                            "way": "on",
                            "text": "A pre-birth assessment begins.",
                            "goes_to": 4,
                        },
                        {
                            "condition": "The threshold is not met",
                            "way": "down",
                            "text": "Reasons in writing. Carry on with early help.",
                            "goes_to": 2,
                        },
                        {
                            "condition": "You disagree",
                            "way": "up",
                            "text": "Escalate: a pregnancy does not wait.",
                            "goes_to": None,
                        },
                    ],
                },
                {
                    "title": "Assess before birth",
                    "who": "Social worker, with midwife and health visitor",
                    "when": "Complete by 28 weeks",
                    "text": "<p>A strategy discussion is held for every concealed pregnancy in which"
                    " there is any other concern, and in every case where the birth has already"
                    " happened.</p>",
                    "branches": [
                        {
                            "condition": "Likely risk of significant harm",
                            "way": "up",
                            "text": "Child protection conference by 30 weeks.",
                            "goes_to": 5,
                        },
                        {
                            "condition": "Help is needed, no likely harm",
                            "way": "down",
                            "text": "Child in need plan or early help.",
                            "goes_to": 5,
                        },
                    ],
                },
                {
                    "title": "Make the birth plan",
                    "who": "Social worker and midwife, with the parents",
                    "when": "By 34 weeks",
                    "text": "<p>Who is told when labour starts; who may visit; who holds the plan out"
                    " of hours; what happens if the baby comes early or elsewhere. It is in the hospital"
                    " record and with the ambulance service.</p>",
                    "branches": [],
                },
                {
                    "title": "Agree going home",
                    "who": "Ward, social worker, health visitor, parents",
                    "when": "Before discharge, weekends included",
                    "text": "<p>A meeting records where baby and mother will live and with whom, who"
                    " visits in the first week, and what would change the plan.</p>",
                    "branches": [],
                },
            ],
        },
    ),
    (
        "roles",
        {
            "heading": "Roles, and what each does",
            "roles": [
                {
                    "role": "GP practice",
                    "does": "<p>Completes the booking form fully. Holds regular link"
                    " meetings with the health visitor. Tells the midwife what changes.</p>",
                },
                {
                    "role": "Midwife",
                    "does": "<p>Asks, each time. Leads on the pregnancy; refers; writes"
                    " the birth plan with the social worker.</p>",
                },
                {
                    "role": "Health visitor",
                    "does": "<p>Meets the family before birth. Takes over from"
                    " the midwife in person when there is a plan.</p>",
                },
                {
                    "role": "Hospital wards and emergency department",
                    "does": "<p>Know what a concealed"
                    " pregnancy means, say so in plain words in the referral, and do not discharge without"
                    " an agreed plan.</p>",
                },
                {
                    "role": "Children’s social care",
                    "does": "<p>Assesses before birth, calls the strategy"
                    " discussion, leads the plan.</p>",
                },
                {
                    "role": "Police",
                    "does": "<p>Share what is known about each adult, and about abuse in"
                    " this or earlier relationships.</p>",
                },
                {
                    "role": "Adult services",
                    "does": "<p>Mental health, alcohol and drug services say how"
                    " the parent’s difficulty affects care of a baby, and join the plan.</p>",
                },
            ],
        },
    ),
    (
        "indicators",
        {
            "heading": "Indicators of need for an unborn child",
            "anchor": "indicators",
            "introduction": "<p>A part of the board’s table, as it was in force when this version was"
            " issued. Ask about brothers and sisters too.</p>",
            "domains": ["the-unborn-child"],
            "tiers": [],
            "age_group": "",
        },
    ),
    (
        "contacts",
        {
            "heading": "Contacts",
            "contacts": [
                {
                    "name": "Portsmouth: safeguarding midwife",
                    "about": "Maternity services",
                    "telephone": "01632 960121",
                    "email": "midwife@hospital.example.org",
                },
                {
                    "name": "Portsmouth: Multi-Agency Safeguarding Hub",
                    "about": "Referrals about an unborn baby",
                    "telephone": "01632 960101",
                    "email": "hub@portsmouth.example.org",
                },
                {
                    "name": "Hampshire: referrals",
                    "about": "Where the family lives in Hampshire",
                    "telephone": "01632 960131",
                    "email": "referrals@hampshire.example.org",
                },
                {
                    "name": "Southampton: referrals",
                    "about": "Where the family lives in Southampton",
                    "telephone": "01632 960141",
                    "email": "referrals@southampton.example.org",
                },
                {
                    "name": "Isle of Wight: referrals",
                    "about": "Where the family lives on the island",
                    "telephone": "01632 960151",
                    "email": "referrals@isleofwight.example.org",
                },
            ],
        },
    ),
]
