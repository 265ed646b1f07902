"""Shorter protocols of the demonstration, in our own words and with invented contacts."""

HUB = {
    "name": "Multi-Agency Safeguarding Hub",
    "about": "Monday to Friday, 8.30am to 5pm. In an emergency call 999.",
    "telephone": "01632 960101",
    "email": "hub@portsmouth.example.org",
}
BOARD_OFFICE = {
    "name": "The board’s office",
    "about": "Questions about this protocol",
    "telephone": "01632 960100",
    "email": "office@board.example.org",
}

THRESHOLDS = [
    (
        "key_points",
        {
            "heading": "Key points",
            "points": [
                "There are four tiers of need. A family moves between them; a child does not ‘belong’"
                " to one.",
                "Indicators of need describe what a concern looks like, for each tier and each domain"
                " of the Early Help Assessment.",
                "Indicators inform your judgement. They do not add up to a score.",
            ],
        },
    ),
    (
        "roles",
        {
            "heading": "The four tiers",
            "roles": [
                {
                    "role": "Tier 1: universal",
                    "does": "<p>Children whose needs are met by their family"
                    " and by services that everybody has.</p>",
                },
                {
                    "role": "Tier 2: early help",
                    "does": "<p>Children who need something more, from one"
                    " service or from several working together with one assessment and one plan.</p>",
                },
                {
                    "role": "Tier 3: targeted early help",
                    "does": "<p>Children with several or lasting"
                    " needs, for whom the locality team works with the family and those who know them.</p>",
                },
                {
                    "role": "Tier 4: statutory",
                    "does": "<p>Children in need, and children who suffer or"
                    " are likely to suffer significant harm. Children’s social care leads.</p>",
                },
            ],
        },
    ),
    (
        "section",
        {
            "heading": "How to use the indicators of need",
            "text": """<p>Read across, not down. Begin with what you have seen, find the domain it
belongs to, and compare the words for each tier until one describes this child. Use those words,
with your evidence, in the assessment or the referral: ‘misses meals at home at least twice a week,
says so himself, since September’ says more than ‘neglect’.</p>
<ul><li><b>Child’s development:</b> health, learning, behaviour, feelings, identity.</li>
<li><b>Family and environment:</b> relationships, home, money, neighbourhood.</li>
<li><b>Parents and carers:</b> basic care, safety, warmth, stimulation, boundaries, stability.</li>
<li><b>The unborn child:</b> the pregnancy, and what the baby will be born into.</li></ul>
<p>Then ask three things. What is the effect on this child? What is getting better or worse? What
would make me move up or down a tier?</p>""",
        },
    ),
    (
        "section",
        {
            "heading": "When you are between two tiers",
            "text": """<p>Talk to your safeguarding lead, or to the hub, before you decide. Note who you
spoke to and why you decided as you did. If you and another professional still see it differently,
follow the protocol on professional disagreement.</p>""",
        },
    ),
    ("contacts", {"heading": "Contacts", "contacts": [HUB, BOARD_OFFICE]}),
]

DOMESTIC_ABUSE = [
    (
        "key_points",
        {
            "heading": "Key points",
            "points": [
                "A child who sees, hears or lives with the effects of domestic abuse is a victim of it.",
                "Ask about abuse when you can do so safely: alone, and never with a relative as"
                " interpreter.",
                "Look at the whole pattern, not at the last incident, and at who causes the harm.",
                "Assess what the abuse does to parenting, and record what follows for each child.",
            ],
        },
    ),
    (
        "section",
        {
            "heading": "Recognising it",
            "text": """<p>Domestic abuse is controlling, coercive, threatening, violent or abusive
behaviour between people aged 16 or over who are personally connected. It may be physical, sexual,
emotional or economic. Signs in a child differ with age: a baby who will not settle, a
seven-year-old who will not leave a parent, a teenager who is never at home. Some children show
nothing at all.</p>
<p>Abuse may begin or grow worse in pregnancy, and when a relationship ends.</p>""",
        },
    ),
    (
        "section",
        {
            "heading": "Assessing the effect on a child",
            "text": """<ol><li>Share what each agency knows of both adults, their histories and earlier
relationships. One incomplete answer can change the decision.</li>
<li>Use the risk checklist with the adult victim, and refer to the risk conference where it points
there.</li>
<li>Ask each child, in a way that suits them, what a usual day is like.</li>
<li>Consider alcohol, drugs and mental health together with the abuse, not one after another.</li>
<li>Ask what the victim already does to keep the child safe, and build on it.</li>
<li>Match the decision to the risks, needs and strengths, and write down how it follows.</li></ol>""",
        },
    ),
    (
        "warning",
        {
            "text": "Never leave a letter, a message or a note of the visit where the person who causes"
            " harm could find it.",
        },
    ),
    (
        "roles",
        {
            "heading": "Roles, and what each does",
            "roles": [
                {
                    "role": "Every member of the board",
                    "does": "<p>Makes sure that their own agency’s"
                    " policy is followed, and champions it among staff.</p>",
                },
                {
                    "role": "Police",
                    "does": "<p>Tell schools and social care of incidents by the next"
                    " school day.</p>",
                },
                {
                    "role": "Health services",
                    "does": "<p>Ask routinely, note both adults in the child’s"
                    " record, and share concerns between GP, midwife and health visitor.</p>",
                },
                {
                    "role": "Specialist services",
                    "does": "<p>Support adult and child victims, and work to"
                    " change those who cause harm.</p>",
                },
            ],
        },
    ),
    (
        "contacts",
        {
            "heading": "Contacts",
            "contacts": [
                {
                    "name": "Domestic abuse specialist service",
                    "about": "Advice for professionals and support for families",
                    "telephone": "01632 960161",
                    "email": "advice@specialist.example.org",
                },
                HUB,
            ],
        },
    ),
]

ESCALATION = [
    (
        "key_points",
        {
            "heading": "Key points",
            "points": [
                "To disagree well is part of keeping children safe. It is not a complaint.",
                "Begin with a conversation, person to person, on the same day.",
                "Keep the child safe while you disagree: the present plan stands until another is"
                " agreed.",
            ],
        },
    ),
    (
        "process",
        {
            "heading": "What to do when you disagree",
            "introduction": "",
            "steps": [
                {
                    "title": "Talk to the other professional",
                    "who": "You",
                    "when": "The same working day",
                    "text": "<p>Say what you are worried about, what you think should happen, and why."
                    " Listen for what you did not know.</p>",
                    "branches": [
                        {
                            "condition": "You agree",
                            "way": "end",
                            "text": "Both record it.",
                            "goes_to": None,
                        },
                        {
                            "condition": "You do not",
                            "way": "up",
                            "text": "Tell your manager.",
                            "goes_to": 2,
                        },
                    ],
                },
                {
                    "title": "Manager to manager",
                    "who": "Both line managers",
                    "when": "Within 2 working days",
                    "text": "",
                    "branches": [
                        {
                            "condition": "You agree",
                            "way": "end",
                            "text": "Tell everybody in the plan.",
                            "goes_to": None,
                        },
                        {
                            "condition": "You do not",
                            "way": "up",
                            "text": "Tell the safeguarding leads.",
                            "goes_to": 3,
                        },
                    ],
                },
                {
                    "title": "Safeguarding lead to head of service",
                    "who": "The named safeguarding leads and heads of service",
                    "when": "Within 5 working days",
                    "text": "<p>They meet, with the records of both agencies.</p>",
                    "branches": [
                        {
                            "condition": "You agree",
                            "way": "end",
                            "text": "Write down what was learned.",
                            "goes_to": None,
                        },
                        {
                            "condition": "You do not",
                            "way": "up",
                            "text": "Write to the board.",
                            "goes_to": 4,
                        },
                    ],
                },
                {
                    "title": "The board",
                    "who": "The independent chair",
                    "when": "Within 10 working days",
                    "text": "<p>The chair hears both sides and gives a view, which is recorded. The board"
                    " counts disagreements each year and looks for what they have in common.</p>",
                    "branches": [],
                },
            ],
        },
    ),
    (
        "section",
        {
            "heading": "Recording",
            "text": """<p>Each step is recorded in the child’s file in both agencies: who, when, what was
said, what was decided. Children and families are told of the outcome where it concerns them.</p>""",
        },
    ),
    ("contacts", {"heading": "Contacts", "contacts": [BOARD_OFFICE]}),
]

SUPERVISION = [
    (
        "key_points",
        {
            "heading": "The standard",
            "points": [
                "Everybody who works with children through early help or child protection has"
                " supervision at least monthly, alone or as a team.",
                "Further support is there when it is needed, and staff know how to ask for it.",
                "Supervision is reflective: it asks what this is like for the child, and what we might"
                " be missing.",
                "Decisions are recorded, with the reasons, in the child’s file.",
            ],
        },
    ),
    (
        "section",
        {
            "heading": "What good supervision does",
            "text": """<p>It supports the worker, checks the work and thinks about the family. Where
difficulties are complex it also guards against what complexity does to us: getting used to things,
hoping too much, following the loudest adult in the room.</p>
<ul><li>Read the record before you meet.</li><li>Start with the child.</li>
<li>Ask what has changed since last time, and how we know.</li>
<li>Test the plan: is it time to step up, step down or disagree with somebody?</li>
<li>End with who does what, by when.</li></ul>""",
        },
    ),
    (
        "roles",
        {
            "heading": "Roles, and what each does",
            "roles": [
                {
                    "role": "Agency",
                    "does": "<p>Has a policy, protects the time, and reports on it in the"
                    " Section 11 audit with evidence.</p>",
                },
                {
                    "role": "Supervisor",
                    "does": "<p>Has taken the board’s Supervision course, which is"
                    " open to anyone who supervises staff working with children and families, and is"
                    " supervised too.</p>",
                },
                {
                    "role": "Practitioner",
                    "does": "<p>Prepares, brings the families that worry them most"
                    " and the ones they have stopped worrying about.</p>",
                },
            ],
        },
    ),
    ("contacts", {"heading": "Contacts", "contacts": [BOARD_OFFICE]}),
]

INFORMATION_SHARING = [
    (
        "key_points",
        {
            "heading": "Key points",
            "points": [
                "Data protection law is not a barrier to sharing what keeps a child safe.",
                "Be open with families about what you share, with whom and why, unless it is unsafe.",
                "Share what is needed, accurate and up to date, with those who need it, securely.",
                "History counts: include what is known about each adult.",
            ],
        },
    ),
    (
        "section",
        {
            "heading": "Before you share",
            "text": """<ol><li>What is the purpose, and what does the child need?</li>
<li>Do I have agreement? If not, is there a risk of significant harm, or would asking cause one?</li>
<li>What do I know, what do I believe, and which of the two am I writing?</li>
<li>Who needs it, and how soon?</li>
<li>Have I written down what I shared and why, or why I did not?</li></ol>""",
        },
    ),
    (
        "section",
        {
            "heading": "GP practices and health visitors",
            "text": """<p>Each practice meets its link health visitor regularly, at least every six
weeks, to talk about families who may need help. Where both use the same electronic record, and the
family has agreed, each can see what the other has written. Every practice can find, on its system,
the children who are looked after, in need, or subject to a child protection plan.</p>""",
        },
    ),
    (
        "section",
        {
            "heading": "Contacting the hub",
            "text": """<p>The hub records for each contact what was shared, whether agreement was sought,
the threshold applied, the outcome and the reason for it. A sample is audited by several agencies
every six months.</p>""",
        },
    ),
    ("contacts", {"heading": "Contacts", "contacts": [HUB, BOARD_OFFICE]}),
]
