"""Read the manifest of a SCORM package: its standard, its parts, and what will not be obeyed."""

from __future__ import annotations

import math
import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from elearning.packages.archive import PackageRefused

MOST_BYTES = 10 * 1024**2
MOST_PARTS = 500
SCORM_12, SCORM_2004 = "1.2", "2004"
EDITIONS = {
    "cam 1.3": "2nd edition",
    "1.3": "2nd edition",
    "2004 2nd edition": "2nd edition",
    "2004 3rd edition": "3rd edition",
    "2004 4th edition": "4th edition",
}
XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
NOT_OBEYED = "Rules on the order of its parts are not obeyed: people choose from a list."


@dataclass(frozen=True)
class Part:
    """Item of a package in its order; a heading has no `href`.

    `objectives` are {"id", "is_primary", "satisfied_by_measure", "least"}: least is a scaled score.
    """

    identifier: str
    title: str
    parent: str
    href: str
    is_sco: bool
    is_visible: bool = True
    mastery_score: float | None = None
    launch_data: str = ""
    least_progress: float | None = None
    objectives: tuple[dict[str, Any], ...] = ()


@dataclass
class Manifest:
    """Content of a manifest; `notes` are sentences for whoever uploads it."""

    standard: str
    edition: str
    title: str
    parts: list[Part] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def playable(self) -> list[Part]:
        return [part for part in self.parts if part.href]


def read_manifest(content: bytes, files: Iterable[str]) -> Manifest:
    """Read a manifest; `files` are the paths in the package.

    Elements are found by their local names, as tools differ in their namespaces. Raises
    PackageRefused if it can’t be played.
    """
    root = _parsed(content)
    standard, edition = _standard(root, content)
    organization, notes = _organization(root)
    manifest = Manifest(standard, edition, _text(organization, "title"), notes=notes)
    resources = _resources(root, files, manifest)
    for item, parent in _items(organization):
        manifest.parts.append(_part(item, parent, resources, manifest))
        if len(manifest.parts) > MOST_PARTS:
            raise PackageRefused(f"The package has more than {MOST_PARTS} parts. Split it.")
    if not manifest.playable:
        raise PackageRefused("The manifest names no part that can be opened. Export it again.")
    identifiers = [part.identifier for part in manifest.parts]
    if len(set(identifiers)) < len(identifiers):
        raise PackageRefused("Two parts of the package have the same identifier. Export it again.")
    if not manifest.title:
        manifest.title = manifest.playable[0].title
    if any(_local(each.tag) in {"sequencingRules", "prerequisites"} for each in root.iter()):
        manifest.notes.append(NOT_OBEYED)
    if any(_local(each.tag) in {"maxtimeallowed", "timelimitaction"} for each in root.iter()):
        manifest.notes.append("Time limits are not obeyed.")
    if not any(part.is_sco for part in manifest.playable):
        manifest.notes.append(
            "No part reports anything. Choose ‘every part was opened’ or ‘the learner declares it’."
        )
    return manifest


def _parsed(content: bytes) -> Element:
    if len(content) > MOST_BYTES:
        raise PackageRefused("The manifest of the package is too large to read. Export it again.")
    try:
        root = fromstring(content, forbid_dtd=False)
    except DefusedXmlException as error:
        raise PackageRefused(
            "The manifest declares entities, which is not safe to read. Export it again."
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        raise PackageRefused(
            f"The manifest can’t be read: {_plain(error)}. Export the package again."
        ) from error
    if _local(root.tag) != "manifest":
        raise PackageRefused("The manifest is not one of SCORM. Export the package again.")
    return root


def _plain(error: Exception) -> str:
    position = getattr(error, "position", None)
    return f"it is not well formed at line {position[0]}" if position else "its text is damaged"


def _standard(root: Element, content: bytes) -> tuple[str, str]:
    said = " ".join(_text(_child(root, "metadata"), "schemaversion").split()).lower()
    schema = _text(_child(root, "metadata"), "schema").lower()
    if "common cartridge" in schema or b"imsccv1p" in content:
        raise PackageRefused(
            "This is a Common Cartridge, which this site can’t play. Ask for SCORM 1.2 or SCORM "
            "2004 when you export it."
        )
    if said == "1.2" or (not said and b"adlcp_rootv1p2" in content):
        return SCORM_12, ""
    if said in EDITIONS:
        return SCORM_2004, EDITIONS[said]
    if b"adlcp_v1p3" in content:
        return SCORM_2004, "edition not said"
    if b"adlcp_rootv1p2" in content:
        return SCORM_12, ""
    raise PackageRefused(
        "The manifest doesn’t say that it is SCORM 1.2 or SCORM 2004, so nothing would be "
        "reported. Export it as one of these."
    )


def _organization(root: Element) -> tuple[Element, list[str]]:
    """Return the organization that is played, and notes on the others."""
    parent = _child(root, "organizations")
    found = _children(parent, "organization") if parent is not None else []
    if not found:
        raise PackageRefused("The manifest lists no parts to play. Export the package again.")
    default = parent.get("default", "") if parent is not None else ""
    chosen = next((each for each in found if each.get("identifier") == default), found[0])
    notes = []
    if len(found) > 1:
        notes.append(
            f"It has {len(found)} tables of contents; ‘{_text(chosen, 'title')}’ is played."
        )
    return chosen, notes


def _items(parent: Element, identifier: str = "") -> Iterator[tuple[Element, str]]:
    """Yield each item with its parent's identifier, in the order in which they are listed."""
    for item in _children(parent, "item"):
        yield item, identifier
        yield from _items(item, item.get("identifier", ""))


def _resources(root: Element, files: Iterable[str], manifest: Manifest) -> dict[str, Any]:
    """Map the identifier of each resource to (href in the package, is it a SCO?)."""
    exact, folded = set(files), {name.casefold(): name for name in files}
    parent = _child(root, "resources")
    found: dict[str, Any] = {}
    if parent is None:
        return found
    for each in _children(parent, "resource"):
        base = posixpath.join(root.get(XML_BASE, ""), parent.get(XML_BASE, ""))
        base = posixpath.join(base, each.get(XML_BASE, ""))
        kind = next((v for k, v in each.attrib.items() if _local(k).lower() == "scormtype"), "")
        href = each.get("href", "")
        found[each.get("identifier", "")] = (
            _address(base, href, exact, folded, manifest) if href else "",
            kind.lower() == "sco",
        )
    return found


def _address(
    base: str, href: str, exact: set[str], folded: dict[str, str], manifest: Manifest
) -> str | None:
    """Return the resource's path and query in the package; None if its file is not there."""
    try:
        split = urlsplit(href.strip().replace("\\", "/"))
    except ValueError:
        return None
    if split.scheme or split.netloc:
        return None
    path = posixpath.normpath(posixpath.join(base, split.path)).lstrip("/")
    rest = (f"?{split.query}" if split.query else "") + (
        f"#{split.fragment}" if split.fragment else ""
    )
    for name in (path, unquote(path)):
        if name in exact:
            return name + rest
        if name.casefold() in folded:
            right = folded[name.casefold()]
            manifest.notes.append(f"The manifest says ‘{name}’, and the file is ‘{right}’.")
            return right + rest
    return None


def _part(item: Element, parent: str, resources: dict[str, Any], manifest: Manifest) -> Part:
    identifier = item.get("identifier", "")
    title = _text(item, "title") or identifier
    reference, href, is_sco = item.get("identifierref", ""), "", False
    if reference:
        href, is_sco = resources.get(reference, (None, False))
        if href is None:
            raise PackageRefused(
                f"The part ‘{title}’ has no file in the package. Export the package again."
            )
    if href:
        href = _with_parameters(href, item.get("parameters", ""))
    return Part(
        identifier=identifier,
        title=title,
        parent=parent,
        href=href,
        is_sco=is_sco,
        is_visible=item.get("isvisible", "true").lower() not in {"false", "0"},
        mastery_score=_number(_text(item, "masteryscore")),
        launch_data=_text(item, "datafromlms") or _text(item, "dataFromLMS"),
        least_progress=_least_progress(item),
        objectives=tuple(_objectives(item)),
    )


def _with_parameters(href: str, parameters: str) -> str:
    """Add an item's parameters to its address, as the standard says."""
    parameters = parameters.strip().lstrip("?&")
    if not parameters:
        return href
    path, hash_, fragment = href.partition("#")
    if parameters.startswith("#"):
        return href if hash_ else path + parameters
    return path + ("&" if "?" in path else "?") + parameters + hash_ + fragment


def _least_progress(item: Element) -> float | None:
    """Return the completion threshold: text in the 3rd edition, an attribute in the 4th."""
    threshold = _child(item, "completionThreshold")
    if threshold is None or threshold.get("completedByMeasure", "true").lower() == "false":
        return None
    return _number(threshold.get("minProgressMeasure") or threshold.text or "")


def _objectives(item: Element) -> Iterator[dict[str, Any]]:
    sequencing = _child(item, "sequencing")
    parent = _child(sequencing, "objectives")
    for each in parent if parent is not None else ():
        kind = _local(each.tag)
        if kind in {"primaryObjective", "objective"}:
            yield {
                "id": each.get("objectiveID", ""),
                "is_primary": kind == "primaryObjective",
                "satisfied_by_measure": each.get("satisfiedByMeasure", "").lower() == "true",
                "least": _number(_text(each, "minNormalizedMeasure")),
            }


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _local(tag: Any) -> str:
    return str(tag).rpartition("}")[2]


def _children(parent: Element, name: str) -> list[Element]:
    return [each for each in parent if _local(each.tag) == name]


def _child(parent: Element | None, name: str) -> Element | None:
    return next(iter(_children(parent, name)), None) if parent is not None else None


def _text(parent: Element | None, name: str) -> str:
    found = _child(parent, name)
    return " ".join("".join(found.itertext()).split()) if found is not None else ""
