"""Make tiny packages for tests: as many parts as wanted, in any standard, and broken on purpose."""

import io
import zipfile

SCHEMAS = {
    "1.2": ('xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2" '
            'xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2"', "1.2", "scormtype"),
    "2nd": ('xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" '
            'xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_v1p3" '
            'xmlns:imsss="http://www.imsglobal.org/xsd/imsss"', "CAM 1.3", "scormType"),
    "3rd": ('xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" '
            'xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_v1p3" '
            'xmlns:imsss="http://www.imsglobal.org/xsd/imsss"', "2004 3rd Edition", "scormType"),
    "4th": ('xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" '
            'xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_v1p3" '
            'xmlns:imsss="http://www.imsglobal.org/xsd/imsss"', "2004 4th Edition", "scormType"),
}  # fmt: skip


def manifest(standard="1.2", *, items=None, resources=None, title="Made for a test", more=""):
    """Write a manifest of one SCO, index.html, unless `items` and `resources` say otherwise."""
    names, version, kind = SCHEMAS[standard]
    items = items or item("one", "Part one")
    resources = resources or resource("one", kind=kind)
    return f"""<?xml version="1.0"?>
<manifest identifier="made" version="1" {names}>
  <metadata><schema>ADL SCORM</schema><schemaversion>{version}</schemaversion></metadata>
  <organizations default="all">
    <organization identifier="all"><title>{title}</title>{items}</organization>{more}
  </organizations>
  <resources>{resources}</resources>
</manifest>"""


def item(identifier, title, inside="", **attributes):
    said = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return (
        f'<item identifier="{identifier}" identifierref="r_{identifier}"{said}>'
        f"<title>{title}</title>{inside}</item>"
    )


def resource(identifier, href="index.html", kind="scormtype", value="sco", more=""):
    return (
        f'<resource identifier="r_{identifier}" type="webcontent" adlcp:{kind}="{value}"'
        f' href="{href}"{more}><file href="{href}"/></resource>'
    )


def packed(files=None, *, change=None, **more):
    """Return a zip as a file: a manifest and a page unless `files` says otherwise."""
    if files is None:
        files = {"imsmanifest.xml": manifest(**more), "index.html": "<p>Here it begins.</p>"}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.orig_filename = info.filename = name
            info.compress_type = zipfile.ZIP_DEFLATED
            if change:
                change(info)
            archive.writestr(info, content)
    made.seek(0)
    return made


def size_of(file):
    return file.getbuffer().nbytes
