"""Registration of the back-office views of courses with Wagtail."""

from wagtail import hooks
from wagtail.admin.viewsets.model import ModelViewSetGroup

from agencies.back_office.recorded import setting_url
from courses.back_office.bookings.bookings import BookingViewSet
from courses.back_office.catalogue.catalogue import (
    CourseChooserViewSet,
    CourseViewSet,
    LevelViewSet,
    VenueViewSet,
)
from courses.back_office.catalogue.materials import MaterialViewSet
from courses.back_office.catalogue.questions import QuestionViewSet
from courses.back_office.charges.charges import ChargeViewSet
from courses.back_office.charges.fees import FeeViewSet, PolicyView
from courses.back_office.evidence import EvidenceViewSet
from courses.back_office.runs.runs import RunViewSet
from courses.back_office.trainers import TrainerViewSet
from courses.models import BookingPolicy


class CoursesGroup(ModelViewSetGroup):
    menu_label = "Training"
    menu_icon = "date"
    menu_order = 150
    items = (
        RunViewSet,
        BookingViewSet,
        EvidenceViewSet,
        ChargeViewSet,
        TrainerViewSet,
        CourseViewSet,
        MaterialViewSet,
        QuestionViewSet,
        VenueViewSet,
        LevelViewSet,
        FeeViewSet,
    )


@hooks.register("register_admin_viewset")
def register_training():
    return [CoursesGroup(), CourseChooserViewSet("course_chooser")]


@hooks.register("register_admin_urls")
def booking_policy():
    return [setting_url(BookingPolicy, PolicyView)]
