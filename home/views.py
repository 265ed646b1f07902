"""Show the results of the site search."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from home import search as searching


@require_safe
def search(request):
    asked = request.GET
    answer = searching.look_for(
        asked.get("q", ""), kind=asked.get("kind", ""), page=asked.get("page")
    )
    return render(request, "home/search.html", {"answer": answer, "crumbs": [("Home", "/")]})
