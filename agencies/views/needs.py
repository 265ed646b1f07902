"""Tell people to say where they work, and leads whom to confirm."""

from agencies import access
from agencies.double_accounts import double_accounts
from agencies.models import Post
from agencies.views.lead import posts_of
from lms.registries.needs import MY_AGENCY, Need


class WhereIWork(Need):
    """Somebody without a job; its one thing is whether they have said where they work."""

    name = "where-i-work"
    order = 10
    template_name = "agencies/_where_i_work.html"

    def things(self, person):
        jobs = Post.objects.visible_to(person).filter(person=person)
        return [] if jobs.current().exists() else [jobs.waiting_for_confirmation().exists()]


class JobsToConfirm(Need):
    name = "jobs-to-confirm"
    order = 10
    page = MY_AGENCY
    template_name = "agencies/_jobs_to_confirm.html"

    def things(self, person):
        posts = posts_of(access.agencies_led_by(person)).waiting_for_confirmation()
        return double_accounts.with_same_name(posts, person)


class ManagersToConfirm(Need):
    name = "managers-to-confirm"
    order = 20
    page = MY_AGENCY
    template_name = "agencies/_managers_to_confirm.html"

    def things(self, person):
        posts = posts_of(access.agencies_led_by(person)).current()
        return posts.with_manager_to_confirm().exclude(person=person)
