"""Rules of the models of Django, Wagtail, allauth and the other libraries."""

from django.apps import apps

from lms.privacy.rules import (
    WHOEVER_IT_NAMES,
    Basis,
    Held,
    Merging,
    Rule,
    blanked,
    left_as_is,
    names,
    nobody,
    personal,
    replaced,
    unlinked,
)

MOVE, JOIN, KEEP_BOTH = Merging.MOVE, Merging.JOIN, Merging.KEEP_BOTH
A_RECORD = "It says what became of a page or record"
NAMED_BY_NUMBER = "A number: the account behind it no longer has a name"

ACCESS = [
    nobody("auth.Permission", "A thing that may be done", "name content_type codename"),
    nobody("auth.Group", "A group of staff and what it may do", "name permissions"),
    nobody("contenttypes.ContentType", "A kind of record", "app_label model"),
    nobody("wagtailadmin.Admin", "Stands for the back office; has no table"),
    nobody("wagtailcore.GroupSitePermission", "What a group may do", "group site permission"),
    nobody(
        "wagtailcore.GroupCollectionPermission",
        "What a group may do",
        "group collection permission",
    ),
    nobody("wagtailcore.GroupPagePermission", "What a group may do", "group page permission"),
    nobody(
        "wagtailcore.CollectionViewRestriction",
        "Who may open the files of a collection",
        "restriction_type password collection groups",
    ),
    nobody(
        "wagtailcore.PageViewRestriction",
        "Who may open a page",
        "restriction_type password page groups",
    ),
]

SIGNING_IN = [
    personal(
        "account.EmailAddress",
        "Addresses with which somebody signs in",
        whose="user",
        basis=Basis.PUBLIC_TASK,
        record_type="account",
        fields={
            "user": names("Whose address it is", JOIN),
            "email verified primary": "The address, and whether they proved it",
        },
    ),
    personal(
        "account.EmailConfirmation",
        "Codes to prove an address",
        whose="email_address__user",
        basis=Basis.SECURITY,
        record_type="security",
        fields={"email_address created sent key": "The code, for which address, and when"},
    ),
    personal(
        "mfa.Authenticator",
        "Second factors: an app’s secret, recovery codes",
        whose="user",
        basis=Basis.SECURITY,
        record_type="security",
        fields={
            "user": names("Whose it is", KEEP_BOTH),
            "type data created_at last_used_at": "The secret, and when it was used",
        },
    ),
    personal(
        "sessions.Session",
        "Who is signed in on which device",
        whose=WHOEVER_IT_NAMES,
        basis=Basis.SECURITY,
        record_type="sessions",
        fields={"session_key session_data expire_date": "The session, and when it ends"},
    ),
    personal(
        "wagtailcore.APIToken",
        "Keys for other programs, which nobody uses here",
        whose="user",
        basis=Basis.SECURITY,
        record_type="security",
        fields={
            "user": names("Whose key it is", KEEP_BOTH),
            "name key_hash prefix created revoked_at last_used_at": "The key and its use",
        },
    ),
]

OFFICE = {"basis": Basis.PUBLIC_TASK, "record_type": "office_work"}
PAGES = [
    personal(
        "wagtailcore.Page",
        "Pages of the public site",
        whose="owner",
        because="It is published text",
        fields={
            "path depth numchild translation_key locale live has_unpublished_changes "
            "latest_revision live_revision first_published_at last_published_at go_live_at "
            "expire_at expired locked locked_at content_type latest_revision_created_at alias_of "
            "show_in_menus slug url_path": "Where the page is, and since when",
            "title draft_title seo_title search_description": "The page’s titles",
            "owner": unlinked("Who made the page", MOVE),
            "locked_by": unlinked("Who locked the page", MOVE, "locked_by"),
        },
        **OFFICE,
    ),
    personal(
        "wagtailcore.Revision",
        "Each saved draft of a page or record",
        whose="user",
        because="It is an earlier text of the page",
        fields={
            "content_type base_content_type created_at approved_go_live_at": "Draft of what, when",
            "object_id": names("Number of the page or record", KEEP_BOTH),
            "user": unlinked("Who saved it", MOVE),
            "object_str": replaced(
                "Name of the page or record", "Former delegate", whose=WHOEVER_IT_NAMES
            ),
            "content": left_as_is(
                "The draft, with who owns and locked it",
                "Published and draft text; a person in it is a number",
                whose=WHOEVER_IT_NAMES,
            ),
        },
        **OFFICE,
    ),
    personal(
        "wagtailcore.PageLogEntry",
        "Who did what to a page",
        whose="user",
        because=A_RECORD,
        fields={
            "content_type action timestamp uuid revision content_changed deleted page": (
                "What was done to which page, and when"
            ),
            "label data": "The page’s name, and what was done",
            "user": names("Who did it", KEEP_BOTH),
        },
        **OFFICE,
    ),
    personal(
        "wagtailcore.ModelLogEntry",
        "Who did what to a record that is not a page",
        whose="user",
        because=A_RECORD,
        fields={
            "content_type action timestamp uuid revision content_changed deleted": (
                "What was done to which record, and when"
            ),
            "object_id": names("Number of the record", KEEP_BOTH),
            "label": replaced(
                "Name of the record, which may be a person’s",
                "Former delegate",
                whose=WHOEVER_IT_NAMES,
            ),
            "data": blanked("What was done, which may repeat a name", whose=WHOEVER_IT_NAMES),
            "user": names("Who did it", KEEP_BOTH),
        },
        **OFFICE,
    ),
    personal(
        "wagtailcore.WorkflowState",
        "Where a draft is on its way to approval",
        whose="requested_by",
        because=A_RECORD,
        fields={
            "content_type base_content_type workflow status created_at current_task_state": (
                "Which draft, and its step"
            ),
            "object_id": names("Number of the page", KEEP_BOTH),
            "requested_by": unlinked("Who submitted it", MOVE),
        },
        **OFFICE,
    ),
    personal(
        "wagtailcore.TaskState",
        "One step of an approval",
        whose="finished_by",
        because=A_RECORD,
        fields={
            "workflow_state revision task status started_at finished_at content_type": (
                "Which step, and its outcome"
            ),
            "finished_by": unlinked("Who decided", MOVE),
            "comment": left_as_is(
                "Reason given, free text", "It is part of the approval", whose=WHOEVER_IT_NAMES
            ),
        },
        **OFFICE,
    ),
    personal(
        "wagtailcore.Comment",
        "Comments in a draft",
        whose="user",
        because=A_RECORD,
        fields={
            "page contentpath position created_at updated_at revision_created resolved_at": (
                "Where in which draft, and when"
            ),
            "user": names("Who wrote it", MOVE),
            "resolved_by": unlinked("Who dealt with it", MOVE, "resolved_by"),
            "text": "What they wrote, free text",
        },
        **OFFICE,
    ),
    personal(
        "wagtailcore.CommentReply",
        "Answers to comments in a draft",
        whose="user",
        because=A_RECORD,
        fields={
            "comment created_at updated_at": "To which comment, and when",
            "user": names("Who wrote it", MOVE),
            "text": "What they wrote, free text",
        },
        **OFFICE,
    ),
    personal(
        "wagtailcore.PageSubscription",
        "Who is emailed about comments on a page",
        whose="user",
        fields={
            "user": names("Who is emailed", JOIN),
            "page comment_notifications": "About which page",
        },
        **OFFICE,
    ),
    nobody("wagtailcore.Locale", "A language", "language_code"),
    nobody(
        "wagtailcore.Site",
        "The site’s address",
        "hostname port site_name root_page is_default_site",
    ),
    nobody("wagtailcore.Collection", "A folder of files", "path depth numchild name"),
    nobody("wagtailcore.WorkflowContentType", "What needs approval", "content_type workflow"),
    nobody("wagtailcore.Workflow", "Steps of an approval", "name active"),
    nobody("wagtailcore.WorkflowTask", "Steps of an approval", "sort_order workflow task"),
    nobody("wagtailcore.Task", "A step of an approval", "name content_type active"),
    nobody("wagtailcore.GroupApprovalTask", "A step of an approval", "groups"),
    nobody("wagtailcore.WorkflowPage", "Which pages need approval", "page workflow"),
    nobody(
        "wagtailcore.ReferenceIndex",
        "Which page uses which file or record",
        "content_type base_content_type to_content_type model_path content_path content_path_hash",
        object_id=names("Number of what uses it", KEEP_BOTH),
        to_object_id=names("Number of what is used", KEEP_BOTH),
    ),
]

FILES = [
    personal(
        "wagtaildocs.Document",
        "Documents of the public site",
        whose="uploaded_by_user",
        because="It is a document of the site",
        fields={
            "collection title file created_at file_size file_hash tags": left_as_is(
                "The document itself",
                "The board answers for what its documents say",
                whose=WHOEVER_IT_NAMES,
            ),
            "uploaded_by_user": unlinked("Who uploaded it", MOVE),
        },
        **OFFICE,
    ),
    personal(
        "wagtailimages.Image",
        "Pictures of the public site",
        whose="uploaded_by_user",
        because="It is a picture of the site",
        fields={
            "collection title file description width height created_at focal_point_x "
            "focal_point_y focal_point_width focal_point_height file_size "
            "file_hash tags": left_as_is(
                "The picture itself",
                "Taken off the site by the office when somebody in it asks",
                whose=WHOEVER_IT_NAMES,
            ),
            "uploaded_by_user": unlinked("Who uploaded it", MOVE),
        },
        **OFFICE,
    ),
    personal(
        "wagtailimages.Rendition",
        "Smaller copies of a picture",
        whose=WHOEVER_IT_NAMES,
        because="Goes when its picture goes",
        fields={"filter_spec file width height focal_point_key image": "The smaller copy"},
        **OFFICE,
    ),
    personal(
        "wagtailcore.UploadedFile",
        "Files whose upload was not finished",
        whose="uploaded_by_user",
        fields={
            "for_content_type file": "The file",
            "uploaded_by_user": names("Who uploaded it", MOVE),
        },
        **OFFICE,
    ),
    nobody(
        "wagtailembeds.Embed",
        "A video or post of another site that a page shows",
        "url max_width hash type html title author_name provider_name thumbnail_url width height "
        "last_updated cache_until",
    ),
    nobody("taggit.Tag", "A word for sorting files", "name slug"),
    nobody(
        "taggit.TaggedItem",
        "Which file has which word",
        "tag content_type",
        object_id=names("Number of the file", KEEP_BOTH),
    ),
]

BACK_OFFICE = [
    personal(
        "wagtailusers.UserProfile",
        "How somebody wants the back office to look, and their picture",
        whose="user",
        fields={
            "user": names("Whose choice it is", JOIN),
            "submitted_notifications approved_notifications rejected_notifications "
            "updated_comments_notifications preferred_language current_time_zone dismissibles "
            "theme contrast density keyboard_shortcuts": "Their choices",
            "avatar": "Their picture",
        },
        **OFFICE,
    ),
    personal(
        "wagtailadmin.EditingSession",
        "Who has which page open",
        whose="user",
        fields={
            "user": names("Who has it open", KEEP_BOTH),
            "content_type last_seen_at is_editing": "Which page, and since when",
            "object_id": names("Number of the page or record", KEEP_BOTH),
        },
        **OFFICE,
    ),
    personal(
        "wagtailadmin.FormState",
        "What somebody typed into a form of the back office and has not saved",
        whose="user",
        fields={
            "user": names("Who typed it", KEEP_BOTH),
            "data": "All that they typed, which may name people",
            "content_type last_updated_at": "Into which form, and when",
            "object_id parent_object_id": names("Number of the record", KEEP_BOTH),
        },
        **OFFICE,
    ),
    personal(
        "django_tasks_database.DBTaskResult",
        "Work that runs in the background",
        whose=WHOEVER_IT_NAMES,
        basis=Basis.PUBLIC_TASK,
        record_type="tasks",
        fields={
            "id status enqueued_at started_at finished_at priority task_path worker_ids "
            "queue_name backend_name run_after exception_class_path": "What ran, and when",
            "args_kwargs return_value traceback": "Numbers of the records that it worked on",
        },
    ),
]


def in_index(name: str, about: str, columns: str, **more: Held) -> Rule:
    words = {columns: "Words of pages, files and people", **more}
    return personal(name, about, whose=WHOEVER_IT_NAMES, fields=words, **OFFICE)


def search_index() -> list[Rule]:
    """Return the rules of the index of the back office, which each kind of database keeps apart."""
    about = "Words by which the back office finds pages, files and people"
    number = names("Number of what is found", KEEP_BOTH)
    columns = "content_type title_norm title body autocomplete"
    if "sqliteftsindexentry" not in apps.all_models["wagtailsearch"]:
        columns += " title_text body_text"
        return [in_index("wagtailsearch.IndexEntry", about, columns, object_id=number)]
    return [
        in_index("wagtailsearch.IndexEntry", about, columns, object_id=number),
        in_index(
            "wagtailsearch.SQLiteFTSIndexEntry",
            f"{about}, on SQLite",
            "index_entry title body autocomplete",
        ),
    ]


def rules() -> list[Rule]:
    """Return the rules of what is installed with this database."""
    return [*ACCESS, *SIGNING_IN, *PAGES, *FILES, *BACK_OFFICE, *search_index()]
