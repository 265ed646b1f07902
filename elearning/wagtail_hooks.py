"""Register the back-office views of online modules with Wagtail."""

from wagtail import hooks
from wagtail.admin.viewsets.model import ModelViewSetGroup

from elearning.back_office.modules import ModuleViewSet
from elearning.back_office.recordings import RecordingViewSet


class ModulesGroup(ModelViewSetGroup):
    menu_label = "Online modules"
    menu_icon = "desktop"
    menu_order = 155
    items = (ModuleViewSet, RecordingViewSet)


@hooks.register("register_admin_viewset")
def register_modules():
    return ModulesGroup()
