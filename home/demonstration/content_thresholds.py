"""Indicators of need of the demonstration: common practice in our own words.

An indicator is a text, or a text with the age group that it applies to.
"""

import datetime as dt

from django.utils.text import slugify

from protocols.indicators import importing
from protocols.indicators import indicators as indicators_indicators
from protocols.indicators.sheet import IndicatorRow
from protocols.models import AgeGroup, AssessmentDomain, Tier

AGE_GROUPS = ["Under 5", "5 to 11", "12 to 17"]
UNDER_5, PRIMARY, TEENS = AGE_GROUPS

# name, what it means, what to do
TIERS = [
    (
        "Tier 1: universal",
        "Children whose needs are met by their family and by services that everybody has.",
        "Carry on, and give advice. Notice changes, and ask again.",
    ),
    (
        "Tier 2: early help",
        "Children who need something more, from one service or from several with one plan.",
        "Talk with the family. With their agreement, start an Early Help Assessment.",
    ),
    (
        "Tier 3: targeted early help",
        "Children with several or lasting needs, which would grow worse without joined-up help.",
        "Ask the locality team to join. One lead professional, one plan, reviewed with the family.",
    ),
    (
        "Tier 4: statutory",
        "Children in need, and children who suffer or are likely to suffer significant harm.",
        "Contact children’s social care the same day. In an emergency, call 999.",
    ),
]

DEVELOPMENT = [
    [
        "In good health, registered with a doctor and a dentist, and up to date with immunisations",
        ("Growing, moving, playing and talking as expected at the health reviews", UNDER_5),
        ("Settles at nursery or with a childminder and is curious about others", UNDER_5),
        "Attends school or college regularly and makes steady progress",
        "Has friends, and recovers from ordinary quarrels and disappointments",
        "Shows feelings that fit what is happening, and can be comforted",
        ("Learns to wash, dress and look after belongings as others of this age do", PRIMARY),
        ("Knows where to find advice on health, relationships and safety online", TEENS),
        "Is confident in their own identity, family background and abilities",
    ],
    [
        "Misses routine health, dental or immunisation appointments, and needs reminding",
        ("Speech, movement or play is somewhat behind what is expected for the age", UNDER_5),
        (
            "Feeding, sleep or toilet training worries the family more than advice has helped",
            UNDER_5,
        ),
        "Is late or absent often enough for the school to have spoken to the family",
        "Finds it hard to make or keep friends, or is bullied or bullies now and then",
        "Is often sad, anxious or angry, and it is beginning to affect learning or home",
        ("Sometimes comes to school tired, hungry or without what is needed", PRIMARY),
        ("Has begun to try alcohol, vapes or drugs, or to take risks online", TEENS),
        "Has an additional need or disability for which some extra support is enough",
        "Helps to care for somebody at home, in ways that still leave time for school and friends",
    ],
    [
        "Health needs are not being met, although the family has been helped to meet them",
        ("Several areas of development are behind, and the gap is growing", UNDER_5),
        ("Falls asleep, hoards food or is unwashed at school on many days", PRIMARY),
        "Absence, part-time timetables or exclusions mean that much schooling is missed",
        "Self-harms, or has talked of it, and a plan with health services is needed",
        "Behaviour puts the child or others at risk at home, in school or in the community",
        ("Goes missing for short times, or comes home late without saying where from", TEENS),
        ("Has new belongings, older friends or secret contacts that nobody can explain", TEENS),
        "Caring for a parent or a brother or sister takes the place of school, sleep or friends",
        "Shows sexual behaviour that is unusual for the age, or worries those who see it",
    ],
    [
        "Has an injury that is unexplained, or does not fit the explanation that is given",
        ("Any bruise or injury in a baby who is not yet moving by themselves", UNDER_5),
        "Says that somebody has hurt them, or has touched or treated them sexually",
        "Fails to grow or to develop, with no medical reason, or loses weight without help sought",
        "Serious illness or injury has not been shown to a doctor, or treatment is refused",
        "Has tried to end their life, or self-harms in ways that endanger it",
        ("Is being exploited, sexually or to carry drugs, money or weapons", TEENS),
        ("Is missing repeatedly or for long, and is at risk of serious harm meanwhile", TEENS),
        "Sexual behaviour harms another child, or involves force, secrecy or a difference in age",
        "May be at risk of genital mutilation, of a forced marriage, or of being taken abroad",
    ],
]

FAMILY = [
    [
        "Home is safe, warm and clean enough, with somewhere to sleep and to play",
        "Income covers food, heating and what the child needs for school",
        "Relatives, friends or neighbours help when they are asked",
        "The family knows where to find local services, and uses them",
        "Parents and children spend time together and enjoy each other’s company",
        "Separation or bereavement is talked about, and the child is kept out of disputes",
        "The child can play and travel safely in the neighbourhood, as fits the age",
        "The family takes part in the life of a community, a faith or a group that it chooses",
    ],
    [
        "Home is crowded, damp or in poor repair, and it is beginning to affect the child",
        "Money is short at the end of most months, or debts have begun to grow",
        "The family is new to the area, or has few people to turn to",
        "Parents argue often, and the child notices and is unsettled by it",
        "A recent separation, bereavement or imprisonment has unsettled the child",
        "Is growing up with an aunt, a grandparent or others who need advice about it",
        ("Spends evenings in places where others are involved in antisocial behaviour", TEENS),
        "The family meets prejudice or harassment, and it limits what the child can do",
        "Language, transport or lack of internet keeps the family from services it needs",
    ],
    [
        "Is moved from one temporary home to another, or may soon be without one",
        "Home is dirty or hazardous, and has not become safer with help",
        "Rent, fuel or food is often missing, and the child goes without",
        "There is domestic abuse, past or present, and its effect on the child is not yet known",
        "An adult about whom little is known has moved in, or comes and goes",
        "The family is cut off from relatives and services, or moves on when help is offered",
        "Relationships within the family are breaking down, and the child may have to leave",
        ("Friends, relatives or neighbours draw the young person towards crime or violence", TEENS),
        "The family has no recourse to public funds and no secure income",
    ],
    [
        "Lives with domestic abuse that is serious, repeated or becoming worse",
        "Has been in the way of violence, tried to stop it, or been hurt in it",
        "Home is so unsafe or unhygienic that the child’s health is in danger now",
        "Somebody who is a risk to children lives in the home or has contact with the child",
        "Has been abandoned, or left alone at an age or for a time that is dangerous",
        "The family is homeless tonight, and the child has nowhere safe to sleep",
        "Lives with people who are not close relatives, and the council has not been told",
        "Violence, gangs or exploitation around the home put the child in immediate danger",
        "Has been brought into the country, or moved within it, to be exploited",
    ],
]

CARERS = [
    [
        "Parents give warmth, praise and comfort, and the child turns to them",
        "Parents provide food, clothing, sleep and care of health day by day",
        "Rules are clear, fair and fit the age of the child",
        "Parents keep the child safe at home, outside and online",
        ("Parents talk, sing, read and play with the child", UNDER_5),
        "Parents support learning and are in touch with school or nursery",
        "Parents ask for help when they need it, and use it",
        "Parents’ own health and use of alcohol do not get in the way of caring",
    ],
    [
        "Parents are unsure about routines, feeding, sleep or boundaries, and would like advice",
        "Rules change from day to day, or between parents, and the child is confused by it",
        (
            "Parents rarely play or talk with the child, or worry that they do not feel close",
            UNDER_5,
        ),
        "A parent’s low mood, anxiety or illness sometimes gets in the way of caring",
        "A parent’s use of alcohol or drugs sometimes affects the day at home",
        "Appointments are missed, although parents mean to come",
        "A young parent, or one with a learning disability, needs some support to care well",
        "Parents find it hard to manage behaviour, and often shout",
        ("Parents are unsure what the child does online or who their friends are", PRIMARY),
    ],
    [
        "Basic care is uneven, and lapses when help is withdrawn",
        "Parents are often critical or cold towards the child, or blame one child for everything",
        "A parent’s mental ill health keeps them from caring well on many days",
        "A parent’s dependence on alcohol or drugs shapes the life of the family",
        "Supervision is poor, and the child has had accidents or been at risk more than once",
        "Discipline is harsh or frightening, without injury so far",
        "Parents agree to plans and do not carry them out, or keep professionals at a distance",
        "An older child was in care or on a child protection plan, and the worries are similar",
        "Parents cannot cope with a child’s disability or behaviour, and say so",
    ],
    [
        "A parent has hurt the child, or says that they fear they will",
        "Parents do not meet the child’s basic needs, and the child is being harmed by it",
        "A parent’s mental state puts the child in danger, or the child is part of their delusions",
        "A parent is so affected by alcohol or drugs that the child is not safe with them",
        "A parent makes up or causes illness in the child, or is thought to",
        "The child is rejected, humiliated or terrorised by those who care for them",
        "Parents do not protect the child from somebody whom they know to be dangerous",
        "Parents refuse access to the child where there is reason to fear for them",
        "The child’s parents are dead, in prison or gone, and nobody has taken on their care",
    ],
]

UNBORN_CHILD = [
    [
        "Booked with a midwife early, and comes to appointments and scans",
        "Parents look forward to the baby and talk of what they will need",
        "The mother eats well, and avoids alcohol, tobacco and drugs",
        "Parents know what to expect of birth and of the first weeks, and ask about it",
        "Partner, family or friends will help when the baby is here",
        "Home is being made ready, with somewhere safe for the baby to sleep",
        "Any health problem of the mother is known, and she follows the advice given",
        "Brothers and sisters are well cared for, and are being prepared for the baby",
    ],
    [
        "Booked late, or misses some appointments, and comes when she is reminded",
        "Pregnancy was not planned, and parents are finding it hard to adjust",
        "Smokes or drinks in pregnancy, and would like help to stop",
        "Mild or past depression or anxiety, for which extra support is wanted",
        "A young mother or father who needs more help than their family gives",
        "Few relatives or friends nearby, and worried about managing alone",
        "Housing or money must be settled before the baby is born",
        "A learning disability or a health problem means that advice has to be given differently",
        "Little is known of the father or partner, and the mother speaks of strain between them",
    ],
    [
        "Misses most appointments, or moves between maternity services",
        "Pregnancy was hidden from family or services for a time, and the reasons are unclear",
        "Drinks or uses drugs in pregnancy, and has found it hard to stop with help",
        "Present mental ill health, or a past illness after a birth that may return",
        "Domestic abuse now or in an earlier pregnancy; its risk to mother and baby is not yet known",
        "An earlier child has needed a child protection plan or care by others",
        "Parents were themselves in care or are young, and have nobody to rely on",
        "No settled home, or one that would not be safe for a baby",
        "Shows little feeling for the baby, or makes no preparation as birth comes near",
    ],
    [
        "Pregnancy is concealed or denied late on, or the birth was without help because it was hidden",
        "Violence towards the pregnant mother, or threats against her or the unborn baby",
        "An earlier child was removed, seriously harmed or died in unexplained circumstances",
        "Somebody who is a risk to children will live with the baby or have care of them",
        "Use of drugs or alcohol is likely to harm the baby, before birth or after it",
        "Severe mental illness, with a risk to mother or baby around the birth",
        "Parents say that they do not want, or may harm, the baby",
        "The mother is under 16, or may be pregnant through abuse or exploitation",
        "Plans to avoid services at the birth, or to leave the area so that they will not know",
    ],
]

# By domain: four lists, one per tier.
DOMAINS = {
    "Child’s development": DEVELOPMENT,
    "Family and environment": FAMILY,
    "Parents and carers": CARERS,
    "The unborn child": UNBORN_CHILD,
}
# Words that relate an indicator to a topic.
ABOUT = {
    "domestic abuse": "Domestic abuse",
    "in the way of violence": "Domestic abuse",
    "violence towards": "Domestic abuse",
    "a parent’s": "Parental mental health and substance use",
    "by alcohol or drugs": "Parental mental health and substance use",
    "concealed": "Concealed pregnancy",
    "pregnancy was hidden": "Concealed pregnancy",
    "basic care": "Neglect",
    "basic needs": "Neglect",
    "unhygienic": "Neglect",
    "hungry": "Neglect",
    "unwashed": "Neglect",
    "fails to grow": "Neglect",
}


def make_thresholds(*, by, starts_on: dt.date) -> None:
    """Create tiers, domains, age groups and every indicator, in force from that day."""
    for position, (name, meaning, response) in enumerate(TIERS, 1):
        tier = arranged(Tier, name, position)
        tier.meaning, tier.response = meaning, response
        indicators_indicators.keep_arrangement(tier, by=by)
    for kind, names in ((AssessmentDomain, DOMAINS), (AgeGroup, AGE_GROUPS)):
        for position, name in enumerate(names, 1):
            indicators_indicators.keep_arrangement(arranged(kind, name, position), by=by)
    importing.bring_in(list(rows(starts_on)), by=by)


def arranged(kind, name, position):
    return kind(name=name, slug=slugify(name.replace("’", "")), position=position)


def rows(starts_on):
    tiers = [name for name, *_ in TIERS]
    said = [
        (tier, domain, indicator)
        for domain, by_tier in DOMAINS.items()
        for tier, indicators in zip(tiers, by_tier, strict=True)
        for indicator in indicators
    ]
    for line, (tier, domain, indicator) in enumerate(said, 1):
        text, age_group = indicator if isinstance(indicator, tuple) else (indicator, "")
        topics = {topic for words, topic in ABOUT.items() if words in text.lower()}
        yield IndicatorRow(
            line,
            tier=tier,
            domain=domain,
            age_group=age_group,
            text=text,
            topics="; ".join(sorted(topics)),
            starts_on=starts_on.isoformat(),
        )
