"""Know which e-mail domains many organisations share, and which jobs only a domain confirmed."""

from django.db import migrations, models

SHARED = ["aol.com", "aol.co.uk", "blueyonder.co.uk", "bt.com", "btinternet.com", "btopenworld.com", "cjsm.net", "doctors.net.uk", "fastmail.com", "gmail.com", "gmx.co.uk", "gmx.com", "googlemail.com", "hey.com", "hotmail.co.uk", "hotmail.com", "icloud.com", "live.co.uk", "live.com", "mac.com", "mail.com", "me.com", "msn.com", "nhs.net", "nhs.uk", "ntlworld.com", "outlook.co.uk", "outlook.com", "pm.me", "proton.me", "protonmail.com", "sky.com", "talktalk.net", "tiscali.co.uk", "virgin.net", "virginmedia.com", "yahoo.co.uk", "yahoo.com", "ymail.com", "zoho.com"]


def know_shared(apps, schema_editor):
    using = schema_editor.connection.alias
    shared = apps.get_model("agencies", "SharedDomain").objects.using(using)
    shared.bulk_create(shared.model(name=name) for name in SHARED)
    domains = apps.get_model("agencies", "Domain").objects.using(using)
    domains.filter(name__in=SHARED).update(proves_job=False)


def know_proofs(apps, schema_editor):
    """Note the domain that confirmed each job of which history says so."""
    using = schema_editor.connection.alias
    events = apps.get_model("history", "Event").objects.using(using)
    posts = apps.get_model("agencies", "Post").objects.using(using)
    addresses = apps.get_model("account", "EmailAddress").objects.using(using)
    names = set(apps.get_model("agencies", "Domain").objects.using(using).values_list("name", flat=True))
    joined = events.filter(action="post.joined", thing_type="agencies.post")
    last = 0
    while some := list(joined.filter(pk__gt=last).order_by("pk")[:1000]):
        last = some[-1].pk
        by_themselves = {
            int(event.thing_id)
            for event in some
            if event.now.get("confirmed") and event.by_person == event.now.get("person")
        }
        found = list(posts.filter(pk__in=by_themselves, proved_by=""))
        at = {}
        proven = addresses.filter(verified=True, user__in=[post.person_id for post in found])
        for person, email in proven.order_by("-pk").values_list("user", "email"):
            domain = email.rpartition("@")[2].lower()
            if domain in names:
                at[person] = domain
        for post in found:
            post.proved_by = at.get(post.person_id, "")
        posts.bulk_update(found, ["proved_by"])


class Migration(migrations.Migration):

    dependencies = [
        ("account", "0009_emailaddress_unique_primary_email"),
        ("agencies", "0006_possible_double_accounts"),
        ("history", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="SharedDomain",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(help_text="Without the @, such as nhs.net.", max_length=120, unique=True, verbose_name="domain")),
            ],
            options={"ordering": ["name"]},
        ),
        migrations.AddField(
            model_name="domain",
            name="proves_job",
            field=models.BooleanField(
                default=True,
                help_text="They are confirmed at once when they prove an address there. Untick it for a domain that others have too: then it only suggests this agency to them.",
                verbose_name="only this agency's people have it",
            ),
        ),
        migrations.AlterField(
            model_name="domain",
            name="name",
            field=models.CharField(help_text="Without the @, in small letters.", max_length=120),
        ),
        migrations.AddConstraint(
            model_name="domain",
            constraint=models.UniqueConstraint(fields=("agency", "name"), name="domain_once_an_agency"),
        ),
        migrations.AddConstraint(
            model_name="domain",
            constraint=models.UniqueConstraint(condition=models.Q(("proves_job", True)), fields=("name",), name="domain_proves_one_agency", violation_error_message="This is already the domain of another agency"),
        ),
        migrations.AddField(
            model_name="post",
            name="proved_by",
            field=models.CharField(blank=True, editable=False, max_length=120),
        ),
        migrations.RunPython(know_shared, migrations.RunPython.noop),
        migrations.RunPython(know_proofs, migrations.RunPython.noop),
    ]
