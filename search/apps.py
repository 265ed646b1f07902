"""Configure the `search` app: enqueue indexing after publishing."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "search"
    verbose_name = "Search"

    def ready(self):
        from wagtail.signals import page_published

        from search.indexer import enqueue_sync

        page_published.connect(enqueue_sync)
