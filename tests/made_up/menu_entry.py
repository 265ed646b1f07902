"""Entry of the office's menu: the thresholds as the public sees them."""

from agencies import access
from lms.registries.menu import MenuEntry, office_menu

ENTRY = MenuEntry(
    name="made-up",
    label="Indicators of need",
    icon="list-ul",
    order=125,
    url_name="protocols:thresholds",
    may_see=access.is_protocol_editor,
)


def ready():
    office_menu.register(ENTRY)
