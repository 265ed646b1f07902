#!/usr/bin/env python
"""Run Django's management commands, with development settings unless told otherwise."""

import gc
import os
import sys


def run():
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    # Until all is loaded (lms/apps.py): looking for garbage takes a third of that time.
    gc.disable()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.dev")
    from lms.management.one_line import in_one_line

    in_one_line(run)
