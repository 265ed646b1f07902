"""Mutants of how files are stored, in a folder or in an object store."""

from tests.mutants.mutant import Mutant

STORE, OBJECTS = "lms/storage/content_store.py", "lms/storage/object_store.py"
DURABLE, FAULTS = "lms/storage/durable_files.py", "lms/web/faults.py"
MATERIALS = "courses/completion/materials.py"
OF_STORE, OF_PAGES = "tests/lms/test_content_store.py::", "tests/lms/test_stored_files.py::"
STRAYS = "tests/lms/test_strays.py::"
AWAY = f"{OF_PAGES}test_while_the_store_is_away_nothing_is_saved_and_the_page_says_so"
FULL = f"{OF_STORE}test_a_full_disk_leaves_nothing_half_written"


def stores(name, file, old, new, test):
    return Mutant(f"stores: {name}", file, ((old, new),), test)


MUTANTS = [
    stores(
        "a changed file is given out",
        STORE,
        "            if sha256 and seen.hexdigest() != sha256:\n",
        "            if False:\n",
        f"{OF_PAGES}test_a_changed_file_is_not_given_out[folder-handout]",
    ),
    stores(
        "a handout is sent without a look at it",
        MATERIALS,
        "material.sha256, of=",
        '"", of=',
        f"{OF_PAGES}test_a_changed_file_is_not_given_out[object store-handout]",
    ),
    stores(
        "a missing file is a fault of the page",
        FAULTS,
        " if isinstance(exception, Unreadable) else None\n",
        " if None else None\n",
        f"{OF_PAGES}test_a_missing_file_is_said_to_be_missing[object store-certificate]",
    ),
    stores(
        "a store that is away is a fault",
        FAULTS,
        "    if isinstance(error, Unavailable):\n",
        "    if False:\n",
        f"{AWAY}[send_evidence-object store]",
    ),
    stores(
        "each waits for a store that did not answer",
        OBJECTS,
        "        _away_until = monotonic() + AWAY_FOR\n",
        "",
        f"{OF_STORE}test_a_store_that_is_away_or_refuses_us_is_unavailable[open]",
    ),
    stores(
        "an upload takes another's name",
        OBJECTS,
        "        if not self.file_overwrite:\n",
        "        if False:\n",
        f"{OF_STORE}test_two_uploads_of_one_name_at_the_same_time_are_two_files[bucket]",
    ),
    stores(
        "an upload takes another's name in a folder",
        DURABLE,
        "    target.touch(exist_ok=False)\n",
        "    target.touch()\n",
        f"{OF_STORE}test_two_uploads_of_one_name_at_the_same_time_are_two_files[folder]",
    ),
    stores(
        "a full disk keeps what was half written",
        DURABLE,
        "            Path(work.name).unlink(missing_ok=True)\n",
        "",
        f"{FULL}[fsync-certificates]",
    ),
    stores(
        "what is kept has a public address",
        OBJECTS,
        "        if self.base_url is None:\n",
        "        if False:\n",
        f"{OF_STORE}test_what_is_kept_has_no_address_and_what_is_uploaded_has_the_sites[bucket]",
    ),
    stores(
        "a task's row has the key of the store",
        OBJECTS,
        "    def deconstruct(self)",
        "    def named(self)",
        f"{OF_PAGES}test_a_file_that_was_removed_while_the_store_was_away_is_deleted_later",
    ),
    stores(
        "a file that cannot be deleted now stays for ever",
        OBJECTS,
        "            delete_again.enqueue(self.alias, name)\n",
        "            delete_again.get_backend()\n",
        f"{OF_PAGES}test_a_file_that_was_removed_while_the_store_was_away_is_deleted_later",
    ),
    stores(
        "a handout that is not saved leaves its file",
        MATERIALS,
        "    except BaseException:\n        FILES.delete(name)\n        raise\n",
        "    finally:\n        pass\n",
        f"{OF_PAGES}test_a_handout_that_is_not_saved_leaves_no_file[folder]",
    ),
    stores(
        "two courses share a handout's file",
        MATERIALS,
        "FILES.write(content, name=out_of_reach(material, file.name))",
        'FILES.write(content, ".pdf")',
        f"{OF_PAGES}test_a_handout_added_to_two_courses_is_two_files[folder]",
    ),
    stores(
        "a store that is away is a picture that is not there",
        STORE,
        "class Unavailable(Exception):\n",
        "class Unavailable(OSError):\n",
        f"{OF_PAGES}test_while_the_store_is_away_no_version_is_issued",
    ),
    stores(
        "a document is indexed without the text of a store that is away",
        "search/file_text.py",
        "    except Unavailable:",
        "    except KeyboardInterrupt:",
        "tests/search/test_file_text.py::"
        "test_a_store_that_is_away_is_asked_again_and_its_document_has_text",
    ),
    stores(
        "what is there already is not compared",
        "lms/storage/moving.py",
        "        if digest(file.read()) != digest(content):\n",
        "        if False:\n",
        f"{OF_STORE}test_files_of_a_folder_are_copied_into_an_object_store",
    ),
    stores(
        "a file that is about to get its record is astray",
        "lms/storage/strays.py",
        "for each in unnamed if is_old(each)]",
        "for each in unnamed]",
        f"{STRAYS}test_a_file_of_today_may_still_get_its_record[folder]",
    ),
    stores(
        "a file that gets a record amid deleting is gone",
        "lms/storage/strays.py",
        "            storage.save(file.name, ContentFile(content))\n",
        "            done += 1\n",
        f"{STRAYS}test_a_file_that_gets_a_record_amid_deleting_is_put_back[folder]",
    ),
    stores(
        "looking for files without a record deletes them",
        "lms/management/commands/stray_files.py",
        "            if delete:\n",
        "            if True:\n",
        f"{STRAYS}test_nothing_is_deleted_without_being_told_to[bucket]",
    ),
]
