"""Which courses answer what somebody is looking for?"""


def catalogue_context(request):
    return {}


def course_context(request, course):
    return {}
