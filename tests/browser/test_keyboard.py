"""Test booking with the keyboard alone, on a small screen."""

from playwright.sync_api import expect

from courses.models import Booking
from tests.factories import CoursePageFactory, PostFactory, RunFactory

WHAT_HAS_FOCUS = """() => {
  const element = document.activeElement;
  const label = element.labels && element.labels[0];
  return (label || element).textContent.trim().replace(/\\s+/g, " ");
}"""
OUT_OF_SIGHT = """() => {
  const box = document.activeElement.getBoundingClientRect();
  return box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth;
}"""


def tab_to(page, words):
    """Press Tab until an element that begins with `words` has the focus; check each stop."""
    passed = []
    for _ in range(60):
        page.keyboard.press("Tab")
        passed.append(page.evaluate(WHAT_HAS_FOCUS))
        assert not page.evaluate(OUT_OF_SIGHT), f"{passed[-1]} has the focus, out of sight"
        if passed[-1].startswith(words):
            return page.locator(":focus")
    raise AssertionError(f"{words} cannot be reached: {passed}")


def press(page, words):
    tab_to(page, words).press("Enter")


def fits(page):
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_place_is_booked_with_the_keys_alone(visit):
    page_of_course = CoursePageFactory(course__title="Supervision")
    RunFactory(course=page_of_course.course)
    person = PostFactory().person
    page = visit(person, width=390, height=844)

    page.goto("/")
    fits(page)
    press(page, "Skip to main content")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    page.goto("/")
    press(page, "Menu")
    press(page, "Courses")
    expect(page.get_by_role("heading", name="Courses", level=1)).to_be_visible()
    fits(page)
    tab_to(page, "Search courses").press_sequentially("superv")
    expect(page.get_by_role("heading", name="1 course found")).to_be_visible()
    press(page, "Supervision")
    expect(page.get_by_role("heading", name="Supervision", level=1)).to_be_visible()
    fits(page)
    press(page, "Book a place")
    expect(page.get_by_role("heading", name="Book a place")).to_be_visible()
    fits(page)
    press(page, "Continue")
    expect(page.get_by_role("heading", name="Check your answers")).to_be_visible()
    fits(page)
    press(page, "Book my place")
    expect(page.get_by_role("heading", name="Your place is confirmed")).to_be_visible()
    fits(page)
    assert Booking.objects.get().person == person


def test_what_is_typed_before_the_script_is_there_is_looked_for(visit):
    CoursePageFactory(course__title="Supervision")
    CoursePageFactory(course__title="Neglect")
    page, held = visit(), []
    page.route("**/htmx*.js", lambda route: held.append(route))
    page.goto("/courses/", wait_until="commit")
    page.get_by_label("Search courses").fill("neglect")
    expect(page.get_by_role("heading", name="2 courses")).to_be_visible()
    held[0].continue_()
    expect(page.get_by_role("heading", name="1 course found")).to_be_visible()


def test_a_list_that_comes_anew_leaves_the_focus_where_it_was(visit):
    """Keep the focus on a result when the list is replaced, and not lose it to the page's top."""
    CoursePageFactory(course__title="Supervision")
    page = visit(None, width=390, height=844)
    page.goto("/courses/")
    tab_to(page, "Search courses")
    with page.expect_response("**/courses/?q=superv*"):
        page.keyboard.type("superv")
    expect(page.get_by_role("heading", name="1 course found")).to_be_visible()
    asked = []
    page.on("request", lambda request: "?q=" in request.url and asked.append(request.url))
    tab_to(page, "Supervision")
    assert asked == []
    with page.expect_response("**/courses/?q=superv*"):
        page.evaluate("id_q.dispatchEvent(new Event('input', {bubbles: true}))")
    expect(page.locator("#results.htmx-settling, .htmx-request")).to_have_count(0)
    assert page.evaluate(WHAT_HAS_FOCUS) == "Supervision"
