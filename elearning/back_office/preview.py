"""Preview of a module's draft as learners will get it: writes nothing, and makes no attempt."""

from django.http import Http404
from django.urls import reverse
from django.views.generic import TemplateView

from elearning.authoring import changes, drawing
from elearning.back_office.of_module import OfModule
from elearning.back_office.versions import with_lesson


class PreviewView(OfModule, TemplateView):
    """First page of the preview: what the module is, and all of its parts."""

    template_name = "elearning/back_office/preview.html"

    def get_context_data(self, **kwargs):
        items = drawing.marked_safe(drawing.drawn_items(self.module))
        return super().get_context_data(
            parts=parts_of(self.module, items), edit=edit_address(self.module), **kwargs
        )


class PreviewPartView(OfModule, TemplateView):
    """A lesson, a page of a scenario or a question of the draft."""

    template_name = "elearning/back_office/preview_part.html"

    def get_context_data(self, **kwargs):
        items = drawing.marked_safe(drawing.drawn_items(self.module))
        parts = parts_of(self.module, items)
        keys = [part["key"] for part in parts]
        if self.kwargs["key"] not in keys:
            raise Http404
        at = keys.index(self.kwargs["key"])
        item = next((each for each in items if each["key"] == keys[at]), None)
        context = {"item": item, "part": parts[at], "number": at + 1, "many": len(parts)}
        if item is None:
            context |= shown(self.question(keys[at], items))
        elif item["kind"] == "scenario":
            context |= situation_at(item, self.request.GET)
        return super().get_context_data(
            before=parts[at - 1] if at else None,
            after=parts[at + 1] if at + 1 < len(parts) else None,
            edit=edit_address(self.module),
            **context,
            **kwargs,
        )

    def question(self, key, items):
        block = next(each for _, each in drawing.questions_of(self.module) if each.id == key)
        titles = {item["key"]: item["title"] for item in items}
        keys = drawing.keys_by_title(self.module)
        return with_lesson(drawing.drawn_question(block, keys), titles)


def shown(question):
    """Return a question with its partners and items in an order that tells nothing."""
    partners = {pair["partner"] for pair in question.get("pairs", ())}
    return {
        "question": question,
        "partners": sorted(partners),
        "shuffled": sorted(question.get("items", ())),
    }


def edit_address(module):
    return reverse("module:edit", args=[module.pk])


def parts_of(module, items):
    """List lessons, scenarios and questions, each with its address in the preview."""
    keys = drawing.keys_by_title(module)
    found = [{**item} for item in items]
    for pool, block in drawing.questions_of(module):
        html = drawing.drawn_question(block, keys)["html"]
        found.append(
            {
                "key": block.id,
                "kind": "question",
                "title": changes.words_of(html),
                "outcome": pool.value["outcome"],
            }
        )
    for part in found:
        part["address"] = reverse("module:preview_part", args=[module.pk, part["key"]])
    return found


def situation_at(item, asked_for):
    """Return the situation that the address names, and the choice in it, if one was made."""
    situations = item["situations"]
    number = _number(asked_for.get("at", "1"), len(situations)) or 1
    situation = situations[number - 1]
    chosen = _number(asked_for.get("chosen", ""), len(situation["choices"]))
    return {
        "situation": situation,
        "at": number,
        "choice": situation["choices"][chosen - 1] if chosen else None,
    }


def _number(said, most):
    return int(said) if said.isdecimal() and len(said) < 4 and 1 <= int(said) <= most else None
