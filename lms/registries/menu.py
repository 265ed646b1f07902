"""The office's menu: entries that do not come with a list of Wagtail's."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from wagtail.admin.menu import MenuItem

from lms.registries.base import Registry


@dataclass(frozen=True)
class MenuEntry:
    """A link in the office's menu, shown to those who may follow it."""

    name: str
    label: str
    icon: str
    order: int
    url_name: str
    may_see: Callable[[Any], bool]

    def item(self) -> MenuItem:
        address = reverse(self.url_name)
        return MenuItem(self.label, address, icon_name=self.icon, order=self.order)


office_menu = Registry[MenuEntry]()


def add_to(items: list[MenuItem], entries: Iterable[MenuEntry], viewer: Any) -> None:
    """Append the entries that the viewer may see; Wagtail sorts them by their order."""
    items += [entry.item() for entry in entries if entry.may_see(viewer)]
