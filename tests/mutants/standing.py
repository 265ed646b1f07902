"""Mutants of backing up, restoring, and standing where something falls."""

from tests.mutants.mutant import Mutant

BACKUPS, STARTING = "tests/lms/test_backups.py::", "tests/lms/test_starting.py::"
COPYING, RESTORING = "lms/backups/copying.py", "lms/backups/restoring.py"


def standing(name, file, old, new, test):
    return Mutant(f"standing: {name}", file, ((old, new),), test)


MUTANTS = [
    standing(
        "a rate that cannot be read fails each page that counts",
        "lms/settings/environment.py",
        '        if not all(RATE.fullmatch(part.strip()) for part in found.split(",")):\n',
        "        if False:\n",
        f"{STARTING}test_a_value_of_the_wrong_kind_is_named_with_its_variable",
    ),
    standing(
        "neither yes nor no is taken for no",
        "lms/settings/environment.py",
        'if cast is bool and self.ENVIRON.get(var, "").strip().lower() not in YES_OR_NO:',
        "if False:",
        f"{STARTING}test_a_value_of_the_wrong_kind_is_named_with_its_variable",
    ),
    standing(
        "a server may have no threads",
        "lms/management/commands/serve.py",
        '"threads": env.number("WEB_THREADS", default=8, least=1)',
        '"threads": 8',
        f"{STARTING}test_a_server_of_no_size_says_why_in_one_line",
    ),
    standing(
        "a restored copy sends its email",
        "lms/mail/outbox.py",
        "    which = holding.asked_for_here(hold) if hold else Q()\n",
        "    which = Q()\n",
        f"{BACKUPS}test_a_restored_copy_sends_nothing_but_the_codes_that_are_asked_for_there",
    ),
    standing(
        "a restored copy runs its jobs",
        "lms/jobs/worker.py",
        "not self.batch and not holding.current():\n                worked",
        "not self.batch:\n                worked",
        f"{BACKUPS}test_a_restored_copy_sends_nothing_but_the_codes_that_are_asked_for_there",
    ),
    standing(
        "files that are new while the database is copied are left out",
        COPYING,
        "            files.copy(named)\n",
        "",
        f"{BACKUPS}test_a_file_that_is_written_once_the_files_are_listed_is_in_the_copy",
    ),
    standing(
        "a file that has changed is not seen",
        "lms/backups/manifest.py",
        "            if digest(opened) != kept.files[path]:\n",
        "            if digest(opened)[0] != kept.files[path][0]:\n",
        f"{BACKUPS}test_damage_is_said_in_one_line_and_nothing_is_restored[a file has changed]",
    ),
    standing(
        "a database with data is restored into",
        RESTORING,
        "    if database.table_names():\n",
        "    if False:\n",
        f"{BACKUPS}test_what_was_copied_is_restored",
    ),
    standing(
        "a column that names files is not looked at",
        "courses/models/evidence.py",
        '    stored_files = {"file_path": "evidence"}\n',
        "",
        f"{BACKUPS}test_every_storage_that_rows_name_files_of_is_known",
    ),
    standing(
        "a full disk leaves half a file",
        "lms/storage/durable_files.py",
        "            Path(work.name).unlink(missing_ok=True)\n",
        "",
        f"{BACKUPS}test_what_a_full_disk_refuses_leaves_no_file_behind",
    ),
    standing(
        "a refusal writes a traceback",
        "lms/logs.py",
        '        if getattr(record, "status_code", 500) < 500:\n',
        "        if False:\n",
        f"{STARTING}test_a_refusal_leaves_no_traceback_in_the_log_and_a_fault_does",
    ),
    standing(
        "a probe waits for the pool",
        "lms/web/health.py",
        "REACHED_WITHIN = 0.8\n",
        "REACHED_WITHIN = 8\n",
        f"{STARTING}test_a_probe_is_answered_within_a_second_without_a_database[True]",
    ),
    standing(
        "a worker starts without migrations",
        "lms/management/commands/worker.py",
        "            refuse_to_start()\n",
        "            pass\n",
        f"{STARTING}test_what_cannot_start_says_why_in_one_line[manage.py worker-unmigrated]",
    ),
    standing(
        "a manifest that was edited is believed",
        "lms/backups/manifest.py",
        "        _refuse_unsound(found)\n",
        "",
        f"{BACKUPS}test_a_manifest_that_was_edited_is_refused_before_anything_is_written"
        "[a moment that is none]",
    ),
    standing(
        "a database that is none ends in a traceback",
        "lms/backups/databases.py",
        "        except sqlite3.Error as error:\n"
        '            raise BackupRefused(f"SQLite could not load',
        "        except KeyError as error:\n"
        '            raise BackupRefused(f"SQLite could not load',
        f"{BACKUPS}test_what_is_no_database_is_said_in_one_line",
    ),
]
