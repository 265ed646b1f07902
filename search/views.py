"""Show the results of the site search."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from search import queries


@require_safe
def results(request):
    asked = request.GET
    answer = queries.look_for(
        asked.get("q", ""), kind=asked.get("kind", ""), page=asked.get("page")
    )
    return render(request, "search/search.html", {"answer": answer, "crumbs": [("Home", "/")]})
