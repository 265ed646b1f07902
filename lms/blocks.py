"""Define the StreamField blocks of page bodies, independent of safeguarding."""

from collections import Counter
from collections.abc import Iterator

from django.conf import settings
from django.utils.text import slugify
from wagtail import blocks
from wagtail.blocks.stream_block import StreamBlockValidationError
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageBlock
from wagtail.images.models import SourceImageIOError
from wagtail.rich_text import RichText
from wagtail.whitelist import (
    Whitelister,
    allow_without_attributes,
    attribute_rule,
    check_url,
)

# Ids that the base template uses on every page.
TAKEN_IDS = frozenset({"main", "main-content", "content", "menu", "navigation", "top"})


class ProseOnly(Whitelister):
    """Whitelister that allows only what the editor can write."""

    element_rules = {
        "a": attribute_rule({"href": check_url, "linktype": True, "id": True}),
    } | dict.fromkeys(
        [
            "[document]",
            "b",
            "br",
            "em",
            "h3",
            "h4",
            "i",
            "li",
            "ol",
            "p",
            "strong",
            "ul",
        ],
        allow_without_attributes,
    )


FEATURES = ("h3", "h4", "bold", "italic", "ul", "ol", "link", "document-link")


class Prose(blocks.RichTextBlock):
    """Rich text cleaned to the editor's own elements, whatever way it was submitted."""

    def __init__(self, features=FEATURES, **kwargs):
        super().__init__(features=list(features), **kwargs)

    def normalize(self, value):
        value = super().normalize(value)
        return RichText(ProseOnly().clean(value.source))

    def get_prep_value(self, value):
        return ProseOnly().clean(value.source)


class HeadedValue(blocks.StructValue):
    @property
    def id(self) -> str:
        """Anchor of the part; it survives a change of the heading."""
        return self.get("anchor") or slugify(self.get("heading"))

    @property
    def ids(self) -> list[str]:
        return [self.id]


class Headed(blocks.StructBlock):
    """Part of a page with a heading of its own, listed in the table of contents."""

    heading = blocks.CharBlock(max_length=120)
    anchor = blocks.RegexBlock(
        r"^[a-z][a-z0-9-]*$",
        required=False,
        error_messages={
            "invalid": "Use small letters, numbers and hyphens, beginning with a letter."
        },
        help_text="The end of the link to this part. Made from the heading when left empty, and "
        "kept when the heading changes, so that links from elsewhere still work.",
    )

    class Meta:
        value_class = HeadedValue
        form_classname = "struct-block"
        label_format = "{heading}"


class Section(Headed):
    text = Prose(
        required=False,
        help_text="What you paste from Word keeps its headings, lists, links and tables. A table, "
        "and each further heading of the first level, is added as a part of its own below.",
    )

    class Meta:
        icon = "title"
        template = "blocks/section.html"


class Text(blocks.StructBlock):
    """Text that goes on after a table or a picture, without a heading of its own."""

    text = Prose()

    class Meta:
        icon = "pilcrow"
        template = "blocks/text.html"
        label_format = "{text}"


class TableValue(blocks.StructValue):
    @property
    def has_headings(self) -> bool:
        return any(column["heading"] for column in self["table"].columns)

    @property
    def rows(self) -> Iterator[list[dict]]:
        """Yield rows of cells, each with its column's heading: on a phone it stands before it."""
        table = self["table"]
        for row in table.rows:
            yield [
                {
                    "heading": column["heading"],
                    "is_words": cell.block.name == "words",
                    "value": cell.value,
                    "block": cell,
                }
                for column, cell in zip(table.columns, row, strict=True)
            ]


class Table(blocks.StructBlock):
    """Table whose columns each have a heading. A column is of plain words, or has formatting."""

    table = TypedTableBlock(
        [
            ("words", blocks.TextBlock(required=False, rows=1, label="Plain words")),
            (
                "formatted",
                Prose(
                    features=("bold", "italic", "ul", "ol", "link"),
                    required=False,
                    label="Formatted text",
                ),
            ),
        ]
    )

    class Meta:
        icon = "table"
        template = "blocks/table.html"
        value_class = TableValue


class Branch(blocks.StructBlock):
    """Outgoing branch of a step."""

    condition = blocks.CharBlock(max_length=160, help_text="Such as 'If the family agrees'.")
    way = blocks.ChoiceBlock(
        choices=[
            ("on", "Carry on"),
            ("up", "Step up"),
            ("down", "Step down"),
            ("end", "Ends here"),
        ],
        default="on",
    )
    text = blocks.TextBlock(required=False)
    goes_to = blocks.IntegerBlock(
        required=False,
        min_value=1,
        help_text="The number of the step that follows, if it is not the next.",
    )


class Step(blocks.StructBlock):
    title = blocks.CharBlock(max_length=120)
    who = blocks.CharBlock(required=False, max_length=120)
    when = blocks.CharBlock(
        required=False, max_length=120, help_text="Such as 'Within 5 working days'."
    )
    text = Prose(features=("bold", "ul", "link"), required=False)
    branches = blocks.ListBlock(Branch(), default=[])


class ProcessValue(HeadedValue):
    @property
    def ids(self) -> list[str]:
        return [
            self.id,
            *(f"{self.id}-step-{n}" for n in range(1, len(self["steps"]) + 1)),
        ]


class Process(Headed):
    """Ordered steps with branches: lists, drawn as a flow by the style sheet."""

    introduction = Prose(required=False)
    steps = blocks.ListBlock(Step(), min_num=2)

    def clean(self, value):
        value = super().clean(value)
        last = len(value["steps"])
        for number, step in enumerate(value["steps"], 1):
            for branch in step["branches"]:
                if (branch["goes_to"] or 1) > last:
                    sentence = (
                        f"Step {number} leads on to a step that is not there. "
                        "Give the number of one that is."
                    )
                    raise StructBlockValidationError(non_block_errors=[sentence])
        return value

    class Meta:
        icon = "tasks"
        template = "blocks/process.html"
        value_class = ProcessValue


class KeyPoints(blocks.StructBlock):
    heading = blocks.CharBlock(default="Key points", max_length=120)
    points = blocks.ListBlock(blocks.CharBlock(max_length=300), min_num=1)

    class Meta:
        icon = "pick"
        template = "blocks/key_points.html"


class Figures(blocks.StructBlock):
    """A few key figures, each with its meaning."""

    figures = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("figure", blocks.CharBlock(max_length=20)),
                ("meaning", blocks.CharBlock(max_length=160)),
            ]
        ),
        min_num=1,
        max_num=4,
    )

    class Meta:
        icon = "order"
        template = "blocks/figures.html"


class Roles(Headed):
    roles = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("role", blocks.CharBlock(max_length=120)),
                ("does", Prose(features=("bold", "ul", "link"))),
            ]
        ),
        min_num=1,
    )

    class Meta:
        icon = "group"
        template = "blocks/roles.html"


class Contacts(Headed):
    contacts = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("name", blocks.CharBlock(max_length=120)),
                ("about", blocks.CharBlock(required=False, max_length=240)),
                ("telephone", blocks.CharBlock(required=False, max_length=30)),
                ("email", blocks.EmailBlock(required=False)),
            ]
        ),
        min_num=1,
    )

    class Meta:
        icon = "mail"
        template = "blocks/contacts.html"


class Warning(blocks.StructBlock):
    text = blocks.TextBlock()

    class Meta:
        icon = "warning"
        template = "blocks/warning.html"


class Download(blocks.StructBlock):
    title = blocks.CharBlock(max_length=120)
    document = DocumentChooserBlock()
    about = blocks.TextBlock(required=False)

    class Meta:
        icon = "download"
        template = "blocks/download.html"


class Described(ImageBlock):
    """Image with an alt text unless it is decorative."""

    def clean(self, value):
        if value:
            value.contextual_alt_text = (value.contextual_alt_text or "").strip()
        return super().clean(value)

    class Meta:
        help_text = (
            "As its alt text, say what it shows to somebody who does not see it. It is decorative "
            "only where nothing is lost without it."
        )


class Picture(blocks.StructBlock):
    image = Described()
    caption = blocks.CharBlock(required=False, max_length=240)

    def get_context(self, value, parent_context=None):
        image = value["image"]
        sizes = sizes_of(image) if image else []
        return super().get_context(value, parent_context) | {
            "sizes": sizes,
            # Text width is the limit on a page; larger renditions are for high-density screens.
            "shown": next((each for each in reversed(sizes) if each.width <= 800), None),
            "missing": settings.MEDIA_URL + (image.filename if image else "picture"),
        }

    class Meta:
        icon = "image"
        template = "blocks/picture.html"


# For phones, for wide pages or high-density phones, for wide high-density pages.
SIZES = [f"max-{width}x{width * 3 // 2}|format-webp" for width in (400, 800, 1600)]


def sizes_of(image) -> list:
    """List distinct renditions from small to large, never upscaled; none if the file is lost."""
    try:
        found = image.get_renditions(*SIZES).values()
    except SourceImageIOError:
        return []
    return sorted({each.width: each for each in found}.values(), key=lambda each: each.width)


class Body(blocks.StreamBlock):
    """Body of a page. No two of its parts share an anchor."""

    key_points = KeyPoints()
    section = Section()
    text = Text()
    table = Table()
    process = Process()
    roles = Roles()
    figures = Figures()
    contacts = Contacts()
    warning = Warning()
    download = Download()
    picture = Picture()

    def clean(self, value):
        value = super().clean(value)
        headed = [part.value for part in value if isinstance(part.value, HeadedValue)]
        taken = TAKEN_IDS | {part["anchor"] for part in headed if part["anchor"]}
        for part in headed:
            if not part["anchor"]:
                part["anchor"] = first_free(slugify(part["heading"]) or "part", taken)
                taken = taken | {part["anchor"]}
        refuse_doubles(headed)
        return value


def first_free(wanted: str, taken: frozenset[str]) -> str:
    wanted = wanted if wanted[0].isalpha() else f"part-{wanted}"
    candidates = (wanted if n == 1 else f"{wanted}-{n}" for n in range(1, len(taken) + 2))
    return next(candidate for candidate in candidates if candidate not in taken)


def refuse_doubles(headed: list[HeadedValue]) -> None:
    counts = Counter(id for part in headed for id in part.ids)
    doubled = [id for id, count in counts.items() if count > 1 or id in TAKEN_IDS]
    if doubled:
        sentence = f"Links to ‘{doubled[0]}’ could lead to more than one place: change an anchor."
        raise StreamBlockValidationError(non_block_errors=[sentence])


def contents(body) -> list[dict[str, str]]:
    """List the parts of a body that have anchors, in order."""
    return [
        {"id": part.value.id, "heading": part.value["heading"]}
        for part in body
        if isinstance(part.value, HeadedValue)
    ]
