"""Test that texts which editors open at the same time do not mix."""

import json

from wagtail.admin.rich_text.converters.html_to_contentstate import HtmlToContentStateHandler
from wagtail.admin.rich_text.editors.draftail import DraftailRichTextArea


def test_a_text_that_is_opened_amid_another_changes_nothing_of_it(monkeypatch):
    converter = DraftailRichTextArea(features=["bold"]).converter
    handle = HtmlToContentStateHandler.handle_data
    others = []

    def handled(self, data):
        if data == "One":
            others.append(texts(converter.from_database_format("<p>Of <b>another</b></p>")))
        handle(self, data)

    monkeypatch.setattr(HtmlToContentStateHandler, "handle_data", handled)
    mine = texts(converter.from_database_format("<p>One</p><p>Two</p>"))
    assert (mine, others) == (["One", "Two"], [["Of another"]])


def texts(content):
    return [block["text"] for block in json.loads(content)["blocks"]]
