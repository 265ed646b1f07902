"""Early Help Protocol of the demonstration, in our own words and with invented contacts."""

SUMMARY = (
    "How every agency in Portsmouth offers help early, and how a family moves between early help"
    " and children’s social care without falling between them."
)

BODY = [
    (
        "key_points",
        {
            "heading": "Key points",
            "points": [
                "Anyone who works with a child or their family can start an Early Help Assessment."
                " You do not need permission from another service.",
                "Ask the family first, and keep asking. Early help works with agreement.",
                "Describe what you see in the words of the ‘indicators of need’, not in labels.",
                "Stepping up and stepping down are handovers. Nobody lets go until somebody else has"
                " taken hold and the family knows who.",
                "If a child may be suffering significant harm, do not wait for an assessment: go"
                " straight to step 6.",
            ],
        },
    ),
    (
        "section",
        {
            "heading": "Why we have this protocol",
            "text": """<p>A family’s first difficulties are often seen by several people at once: a
health visitor notices that an appointment was missed, a nursery that a child is hungry, a housing
officer that the rent is behind. Each may help, and do it well, while nobody sees the whole.
Reviews of practice, here and elsewhere, find again and again that the assessment which joins help
up was there to be used and was not.</p>
<p>The safeguarding board and the Children’s Trust therefore own this protocol together. It says
when to start an Early Help Assessment, who leads, how help steps up to children’s social care when
needs grow, and how it steps down when they lessen.</p>""",
        },
    ),
    (
        "section",
        {
            "heading": "Who it is for",
            "text": """<p>Everybody, paid or unpaid, who works with children aged 0 to 19, with their
parents, or with expectant parents: in health, schools and early years, the council, the police,
housing, probation and the voluntary sector. It covers adults’ services too, because a parent’s
difficulties are a child’s circumstances.</p>
<p>Three locality teams for targeted early help and prevention cover the city. Each works across the
whole age range, and each has a named link for the schools, practices and nurseries in its area.</p>""",
        },
    ),
    (
        "picture",
        {
            "image": {
                "title": "Levels of help",
                "alt_text": "Four levels of help beside each other, each higher than the one before:"
                " tier 1, universal; tier 2, early help; tier 3, targeted early help; tier 4,"
                " statutory. One arrow leads up them and says ‘step up’, another leads back and says"
                " ‘step down’.",
            },
            "caption": "A family steps up when needs grow, and down when they lessen. Somebody always"
            " has hold.",
        },
    ),
    (
        "process",
        {
            "heading": "Stepping up and stepping down",
            "introduction": """<p>The eight steps below are one path with ways up, down and out of it.
Read the step that you are at, then choose the line that fits the family now.</p>""",
            "steps": [
                {
                    "title": "Notice, and talk with the family",
                    "who": "Whoever is first concerned",
                    "when": "As soon as you can",
                    "text": "<p>Say plainly what you have seen and ask what it is like for them. Look at"
                    " the indicators of need. Ask who else is already helping.</p>",
                    "branches": [
                        {
                            "condition": "One service can meet the need",
                            "way": "end",
                            "text": "Help, or arrange that help. Record what you agreed.",
                            "goes_to": None,
                        },
                        {
                            "condition": "Several needs, or several services",
                            "way": "on",
                            "text": "The help has to be joined up.",
                            "goes_to": 2,
                        },
                        {
                            "condition": "A child may be suffering significant harm",
                            "way": "up",
                            "text": "Act the same day.",
                            "goes_to": 6,
                        },
                    ],
                },
                {
                    "title": "Ask for the family’s agreement",
                    "who": "The same person",
                    "when": "Before anything is shared",
                    "text": "<p>Explain what an Early Help Assessment is, who will see it and what it may"
                    " lead to. Ask each parent who has responsibility, and the child where they are old"
                    " enough to understand.</p>",
                    "branches": [
                        {
                            "condition": "They agree",
                            "way": "on",
                            "text": "Record to what, and when.",
                            "goes_to": 3,
                        },
                        {
                            "condition": "They do not agree, and the child is safe",
                            "way": "end",
                            "text": "Keep offering what your own service can. Talk it over with your"
                            " safeguarding lead and set a day to ask again.",
                            "goes_to": None,
                        },
                        {
                            "condition": "They do not agree, and you are worried for the child",
                            "way": "up",
                            "text": "Worry about harm does not wait for agreement.",
                            "goes_to": 6,
                        },
                    ],
                },
                {
                    "title": "Make the Early Help Assessment",
                    "who": "You, with the family",
                    "when": "Within 20 working days of their agreement",
                    "text": "<p>Cover every domain, strengths as well as needs. Ask about each adult in"
                    " the home and about those who come and go: health, alcohol and drugs, abuse,"
                    " money, what happened to them as children. Register the assessment, so that the"
                    " next person who looks finds it.</p>",
                    "branches": [],
                },
                {
                    "title": "Bring the team around the family together",
                    "who": "The lead professional, chosen with the family",
                    "when": "Within 15 working days of the assessment",
                    "text": "<p>Agree one plan: what should be different for the child, who does what,"
                    " by when, and how everybody will know. The family keeps a copy.</p>",
                    "branches": [],
                },
                {
                    "title": "Review the plan",
                    "who": "The lead professional and the team",
                    "when": "Every 6 weeks",
                    "text": "<p>Ask the child what has changed. Compare with the last review, not with"
                    " the hope that went into the plan.</p>",
                    "branches": [
                        {
                            "condition": "Needs are met",
                            "way": "end",
                            "text": "Close with the family. Say who they can come back to.",
                            "goes_to": None,
                        },
                        {
                            "condition": "Things are getting better",
                            "way": "on",
                            "text": "Carry on, and review again.",
                            "goes_to": 5,
                        },
                        {
                            "condition": "Nothing has changed after two reviews, or needs are growing",
                            "way": "up",
                            "text": "Take the plan with you: it is the evidence.",
                            "goes_to": 6,
                        },
                    ],
                },
                {
                    "title": "Step up: contact the Multi-Agency Safeguarding Hub",
                    "who": "The lead professional, or whoever is concerned",
                    "when": "The same working day if a child may be harmed",
                    "text": "<p>Telephone if it is urgent, then write within 24 hours. Say what you have"
                    " seen, since when, what has been tried, what the family thinks and what you are"
                    " worried will happen. Give what you know about <b>each adult’s history</b>: it is"
                    " what is most often left out.</p>",
                    "branches": [
                        {
                            "condition": "Social care will assess",
                            "way": "up",
                            "text": "The lead professional stays until the social worker has met the"
                            " family.",
                            "goes_to": 7,
                        },
                        {
                            "condition": "Early help is the right level",
                            "way": "down",
                            "text": "The hub gives its reasons in writing within 3 working days.",
                            "goes_to": 4,
                        },
                        {
                            "condition": "You disagree with the answer",
                            "way": "on",
                            "text": "Say so the same day and follow the escalation protocol. The child’s"
                            " plan carries on meanwhile.",
                            "goes_to": None,
                        },
                    ],
                },
                {
                    "title": "Assess and plan with social care",
                    "who": "The social worker",
                    "when": "Within 45 working days",
                    "text": "<p>The early help plan is where the assessment begins; the family should"
                    " not have to tell everything again. The team around the family is invited to the"
                    " first meeting.</p>",
                    "branches": [
                        {
                            "condition": "A statutory plan is still needed",
                            "way": "on",
                            "text": "It is reviewed as the law sets out.",
                            "goes_to": None,
                        },
                        {
                            "condition": "The plan has done its work, and some needs remain",
                            "way": "down",
                            "text": "Plan the step down before closing.",
                            "goes_to": 8,
                        },
                        {
                            "condition": "No needs remain",
                            "way": "end",
                            "text": "Close, and tell everybody who was in the team.",
                            "goes_to": None,
                        },
                    ],
                },
                {
                    "title": "Step down: hand over to early help",
                    "who": "The social worker and the new lead professional",
                    "when": "A meeting with the family at least 10 working days before closing",
                    "text": "<p>The social worker does not close until a lead professional is named, has"
                    " met the family and holds the plan. Write down what would bring the family back to"
                    " step 6.</p>",
                    "branches": [
                        {
                            "condition": "The family agrees to early help",
                            "way": "down",
                            "text": "The first review is 6 weeks after the handover.",
                            "goes_to": 5,
                        },
                        {
                            "condition": "The family does not agree",
                            "way": "end",
                            "text": "Tell the services that will still see the child what to look out for.",
                            "goes_to": None,
                        },
                    ],
                },
            ],
        },
    ),
    (
        "section",
        {
            "heading": "Agreement and consent",
            "text": """<p>Early help is voluntary. Agreement means that the family knows what will be
shared, with whom and why, and that they can change their mind. Record it each time that a new
service joins.</p>
<p>Where a child may be at risk of significant harm you may share without agreement, and you should.
Tell the family unless telling them would put somebody at greater risk. Write down what you shared,
with whom, and your reason: see the Information Sharing protocol.</p>""",
        },
    ),
    (
        "roles",
        {
            "heading": "Roles, and what each does",
            "roles": [
                {
                    "role": "Every practitioner",
                    "does": "<p>Notices, asks, records, and starts the"
                    " assessment rather than leaving it for somebody else.</p>",
                },
                {
                    "role": "Lead professional",
                    "does": "<p>Is the family’s one point of contact. Calls"
                    " the team together, keeps the plan, and sees every handover through.</p>",
                },
                {
                    "role": "Line manager or supervisor",
                    "does": "<p>Talks through each family at least"
                    " monthly. Asks what has changed for the child, and whether it is time to step up or"
                    " down.</p>",
                },
                {
                    "role": "Safeguarding lead",
                    "does": "<p>Advises on thresholds, supports a"
                    " disagreement between professionals, and knows the locality team by name.</p>",
                },
                {
                    "role": "Locality early help team",
                    "does": "<p>Registers assessments, advises, finds"
                    " a lead professional when nobody can be agreed, and works with families who need"
                    " targeted help.</p>",
                },
                {
                    "role": "Multi-Agency Safeguarding Hub",
                    "does": "<p>Decides on the level of help with"
                    " what all agencies know, and tells the person who made contact what it decided and"
                    " why.</p>",
                },
            ],
        },
    ),
    (
        "section",
        {
            "heading": "Timescales set locally",
            "text": """<p>The board and the Children’s Trust decide these together and look at them again
at each review of the protocol.</p>
<ul><li>Early Help Assessment finished: 20 working days after the family agrees</li>
<li>First meeting of the team around the family: 15 working days after that</li>
<li>Review: every 6 weeks</li>
<li>Answer from the hub to the person who made contact: 3 working days</li>
<li>Step-down meeting: at least 10 working days before social care closes</li></ul>""",
        },
    ),
    (
        "section",
        {
            "heading": "How we know that it works",
            "text": """<p>Every six months the council, the health service and the police look together at
a sample of contacts to the hub: the quality of what was shared, the thought given to consent, the
threshold that was applied, and what the family was offered. The board sees the findings. Early help
is part of the board’s training: ‘Early Help: stepping up and stepping down’ follows this protocol
step by step.</p>""",
        },
    ),
    (
        "contacts",
        {
            "heading": "Contacts",
            "contacts": [
                {
                    "name": "Multi-Agency Safeguarding Hub",
                    "about": "Advice, and contacts about a child. Monday to Friday, 8.30am to 5pm.",
                    "telephone": "01632 960101",
                    "email": "hub@portsmouth.example.org",
                },
                {
                    "name": "Out of hours",
                    "about": "Evenings, weekends and bank holidays. In an emergency call 999.",
                    "telephone": "01632 960102",
                    "email": "",
                },
                {
                    "name": "Early help, north locality",
                    "about": "Advice and registration of assessments.",
                    "telephone": "01632 960111",
                    "email": "north@earlyhelp.example.org",
                },
                {
                    "name": "Early help, central locality",
                    "about": "Advice and registration of assessments.",
                    "telephone": "01632 960112",
                    "email": "central@earlyhelp.example.org",
                },
                {
                    "name": "Early help, south locality",
                    "about": "Advice and registration of assessments.",
                    "telephone": "01632 960113",
                    "email": "south@earlyhelp.example.org",
                },
            ],
        },
    ),
]
