"""Create the home page with the indexes and pages that every board needs."""

from django.db import migrations

ROOT = "0001"


def open_front_door(apps, schema_editor):
    Page = apps.get_model("wagtailcore.Page")
    Site = apps.get_model("wagtailcore.Site")
    if apps.get_model("home.HomePage").objects.exists():
        return
    # Wagtail's own 'Welcome' page, and the site that points to it.
    Site.objects.filter(root_page__slug="home", root_page__depth=2).delete()
    Page.objects.filter(slug="home", depth=2).delete()
    home = add(
        apps,
        "home.HomePage",
        Page.objects.get(path=ROOT),
        "Home",
        slug="home",
        hero="Working together to keep children safe",
        introduction="Find the protocols that agencies have agreed, and the training that goes with"
        " them.",
    )
    add(
        apps, "protocols.ProtocolIndexPage", home, "Protocols", slug="protocols", show_in_menus=True
    )
    add(apps, "courses.CourseIndexPage", home, "Courses", slug="courses", show_in_menus=True)
    add(apps, "home.StandardPage", home, "Accessibility statement", slug="accessibility")
    add(apps, "home.StandardPage", home, "Privacy", slug="privacy")
    Site.objects.create(hostname="localhost", root_page_id=home.pk, is_default_site=True)


def add(apps, model, parent, title, *, slug, **fields):
    """Add the page as last child of `parent`, computing its path, as migrations lack treebeard."""
    Page = apps.get_model("wagtailcore.Page")
    ContentType = apps.get_model("contenttypes.ContentType")
    app_label, name = model.lower().split(".")
    kind, _ = ContentType.objects.get_or_create(app_label=app_label, model=name)
    parent = Page.objects.get(pk=parent.pk)
    siblings = Page.objects.filter(path__startswith=parent.path, depth=parent.depth + 1)
    last = siblings.order_by("path").last()
    number = int(last.path[-4:], 36) + 1 if last else 1
    page = apps.get_model(model).objects.create(
        title=title,
        draft_title=title,
        slug=slug,
        content_type=kind,
        locale=apps.get_model("wagtailcore.Locale").objects.first(),
        path=f"{parent.path}{base36(number):0>4}",
        depth=parent.depth + 1,
        url_path=f"{parent.url_path}{slug}/",
        **fields,
    )
    Page.objects.filter(pk=parent.pk).update(numchild=siblings.count())
    return page


def base36(number):
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return digits[number] if number < 36 else base36(number // 36) + digits[number % 36]


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0001_initial"),
        ("protocols", "0001_initial"),
        ("courses", "0001_initial"),
        ("wagtailcore", "0098_apitoken"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(open_front_door, migrations.RunPython.noop)]
