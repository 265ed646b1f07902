"""Configure the `search` app: enqueue indexing after publishing."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "search"
    verbose_name = "Search"

    def ready(self):
        from wagtail.signals import page_published

        from lms.privacy.rules import privacy_rules
        from search.indexer import enqueue_sync
        from search.privacy import RULES

        privacy_rules.register(*RULES)
        page_published.connect(enqueue_sync)
