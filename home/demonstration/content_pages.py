"""Texts of the demonstration's information pages: achievements, contact, privacy."""

RESPONSE_INTRODUCTION = (
    "After a serious case review the board answered five findings. This page says what was promised,"
    " what has been done since, and how we know. It says nothing about the family."
)

RESPONSE = [
    (
        "figures",
        {
            "figures": [
                {
                    "figure": "19",
                    "meaning": "GP practices in the audit of link meetings with health visitors",
                },
                {"figure": "17 of 19", "meaning": "practices answered"},
                {"figure": "14 of 17", "meaning": "that answered held formal link meetings"},
                {"figure": "17 of 17", "meaning": "practices meet regularly now, after mergers"},
            ]
        },
    ),
    (
        "section",
        {
            "heading": "Finding 1: better use of early help",
            "text": """<h3>What was promised</h3>
<p>To review how well early help works, and to agree across all agencies how a family steps up to
social care and down again.</p>
<h3>What was done</h3>
<ul><li>The thresholds document was rewritten, with a table of indicators of need by tier and by
domain of the Early Help Assessment.</li>
<li>Briefings across the workforce showed how to use those words to describe a concern.</li>
<li>Early help was reorganised into three locality teams for children aged 0 to 19.</li>
<li>The step-up and step-down process is in the Early Help Protocol, which the board and the
Children’s Trust own together. All the board’s training refers to it.</li></ul>""",
        },
    ),
    (
        "section",
        {
            "heading": "Finding 2: supervision in every agency",
            "text": """<h3>What was promised</h3>
<p>To ask every agency, through the Section 11 audit, how it knows that the work of its front line is
scrutinised and challenged.</p>
<h3>What was done</h3>
<ul><li>The audit asks whether staff have supervision at least monthly, alone or as a team, and
further support when they need it. All agencies answered, and all said that they do. That is their
own account; the board tests it.</li>
<li>The board offers a supervision course five times a year to anyone who supervises staff working
with children and families.</li></ul>
<p>The review also found something to keep: professionals knew how to escalate a disagreement, and
did.</p>""",
        },
    ),
    (
        "section",
        {
            "heading": "Finding 3: the effect of parents’ difficulties",
            "text": """<h3>What was promised</h3>
<p>To oversee a review of the guidance on assessing the impact of domestic abuse.</p>
<h3>What was done</h3>
<ul><li>Several agencies audited cases together: was the risk identified, understood and put first,
and did decisions match it? An action plan followed.</li>
<li>In September 2016 the board examined how agencies respond, and every member took away the same
action: see that your agency’s policy is followed, and champion it.</li>
<li>In December 2016 the guidance was revised with specialist services and issued again.</li>
<li>An inspection of health services published in September 2017 said that more was needed. A
Safeguarding Improvement Board, led with the adults’ board, oversees the plans that
answer it.</li></ul>""",
        },
    ),
    (
        "section",
        {
            "heading": "Finding 4: information between agencies",
            "text": """<h3>What was promised</h3>
<p>To follow the audit of the form that passes information between GP and midwife; to be assured
that practices and health visitors meet; and to audit the quality of referrals.</p>
<h3>What was done</h3>
<ul><li>The audit found that the form was used neither regularly nor consistently. Practices,
midwives and the health commissioner redesigned it, and it was launched in all practices in
Portsmouth and Hampshire.</li>
<li>Of 19 practices asked, 17 answered and 14 held link meetings, from weekly to six-weekly and most
often monthly. The other three described regular informal contact. Practices have merged since:
there are 17, and all now meet.</li>
<li>All practices but one use the same electronic record as the health visitors.</li>
<li>Referrals to the hub are audited every six months by the council, health and police together:
information, consent, threshold, outcome and its reason.</li>
<li>An audit of link meetings by the health visiting service, repeated regularly, was
recommended.</li></ul>""",
        },
    ),
    (
        "section",
        {
            "heading": "Finding 5: concealed pregnancy",
            "text": """<h3>What was promised</h3>
<p>Stronger procedures for identifying, referring and assessing concealed pregnancy, and training
that includes it.</p>
<h3>What was done</h3>
<ul><li>A working group of four boards rewrote the pan-Hampshire Unborn Baby Protocol. It is
published here and in the shared procedures, and was sent to every partner agency to pass on.</li>
<li>Concealed pregnancy is taught as a significant indicator of possible risk in all the relevant
courses.</li></ul>""",
        },
    ),
    (
        "section",
        {
            "heading": "Who watches over this",
            "text": """<p>The Case Review Committee monitored the work, and the Executive Committee
received reports on the plan. Publication of the review waited until it could no longer prejudice
proceedings.</p>""",
        },
    ),
]

ACCESSIBILITY_INTRODUCTION = "We want everybody to be able to use this site."

ACCESSIBILITY = [
    (
        "section",
        {
            "heading": "What you can expect",
            "text": """<p>The site is built to meet level AA of the Web Content Accessibility Guidelines
2.2. You should be able to:</p>
<ul><li>zoom to 400% without scrolling sideways</li>
<li>use every page with a keyboard alone, and with a screen reader</li>
<li>change colours, spacing and typeface in your browser</li>
<li>book, cancel and read without JavaScript</li></ul>""",
        },
    ),
    (
        "section",
        {
            "heading": "What may be hard to use",
            "text": """<p>Certificates are PDF files without tags for screen readers. Each has an
accessible page with the same content in My learning. Documents attached to protocols may come from
other organisations; ask us for another format.</p>""",
        },
    ),
    (
        "section",
        {
            "heading": "Tell us",
            "text": """<p>If something does not work for you, or you need it in another form, write to
office@board.example.org or telephone 01632 960100. We answer within 5 working days.</p>""",
        },
    ),
]

PRIVACY_INTRODUCTION = "What we keep about you when you train with us, why, and for how long."

PRIVACY = [
    (
        "warning",
        {
            "text": "Never enter anything about a child or a family on this site. It is for training and"
            " protocols only.",
        },
    ),
    (
        "section",
        {
            "heading": "What we keep",
            "text": """<ul><li>your name, email address and, if you give it, telephone number</li>
<li>where you work, your job, your profession and your line manager</li>
<li>what you booked, whether you came, and your certificates</li>
<li>what was sent to you by email</li></ul>""",
        },
    ),
    (
        "section",
        {
            "heading": "Who sees it",
            "text": """<p>You do. So do the board’s training office, the lead of the agency where you
work for as long as you work there, your line manager, and the trainers of a course that you have
booked. A certificate can be checked by anyone to whom you give its code: they see your name, the
course, the date and whether it is valid.</p>""",
        },
    ),
    (
        "section",
        {
            "heading": "How long",
            "text": """<p>Training records are kept for 6 years after you last used them, then your name is
removed and only the counts remain. Waiting lists are kept for a year.</p>""",
        },
    ),
    (
        "section",
        {
            "heading": "Cookies",
            "text": """<p>We use one cookie to keep you signed in, one to protect forms, and one by which
we know again the browser in which you signed in, so that nobody who types your address can keep you
out. Two more let us keep what you typed for an hour, if you were signed out before you sent it: one
says who signed in last, the other opens the text. Nothing is sent to anybody else, and we do not
measure what you do.</p>""",
        },
    ),
    (
        "section",
        {
            "heading": "Your rights",
            "text": """<p>You may ask to see what we hold, to have it put right, or to have it removed.
Write to privacy@board.example.org.</p>""",
        },
    ),
]

CONTACT_INTRODUCTION = "Worried about a child? Do not use this site to tell us: phone the numbers at the foot of the page."

CONTACT = [
    (
        "contacts",
        {
            "heading": "Training and protocols",
            "contacts": [
                {
                    "name": "Training office",
                    "about": "Courses, bookings and certificates",
                    "telephone": "01632 960103",
                    "email": "training@board.example.org",
                },
                {
                    "name": "The board’s office",
                    "about": "Protocols and the board’s meetings",
                    "telephone": "01632 960100",
                    "email": "office@board.example.org",
                },
            ],
        },
    ),
]
