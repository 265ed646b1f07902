"""Inspect how the database executes a statement (EXPLAIN)."""

import json
import re

from django.db import connection


def scans_of(statement, *, small=()):
    """List the plan's steps that scan a whole table or index, except those named in `small`."""
    if connection.vendor == "sqlite":
        steps = [step for *_, step in told(f"EXPLAIN QUERY PLAN {statement}")]
        scans = [step for step in steps if re.match(r"SCAN (?!CONSTANT ROW)", step)]
        return [step for step in scans if step.split()[-1] not in small]
    scans = [node for node in nodes(plan_of(statement)) if is_scan(node)]
    return [node for node in scans if node.get("Index Name") not in small]


def sorts_of(statement):
    """List the plan's steps that sort all rows before the first few are taken.

    PostgreSQL's incremental sort does not count: it only sorts rows within a tie.
    """
    if connection.vendor == "sqlite":
        steps = [step for *_, step in told(f"EXPLAIN QUERY PLAN {statement}")]
        return [step for step in steps if step == "USE TEMP B-TREE FOR ORDER BY"]
    return [node for node in nodes(plan_of(statement)) if node["Node Type"] == "Sort"]


def plan_of(statement):
    [[plan]] = told(f"EXPLAIN (FORMAT JSON) {statement}")
    return (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]


def told(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def nodes(plan):
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


def is_scan(node):
    kind = node["Node Type"]
    return kind == "Seq Scan" or ("Index" in kind and "Index Cond" not in node)
