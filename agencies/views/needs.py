"""Tell people to say where they work, and leads whom to confirm."""

from agencies import access
from agencies.double_accounts import double_accounts
from agencies.models import Post
from agencies.views.lead import posts_of
from lms.registries import job_followers
from lms.registries.needs import MY_AGENCY, Need


class WhereIWork(Need):
    """Somebody without a job; its one thing is the list of those that wait to be confirmed."""

    name = "where-i-work"
    order = 10
    template_name = "agencies/_where_i_work.html"

    def things(self, person):
        jobs = Post.objects.visible_to(person).filter(person=person)
        if jobs.current().exists():
            return []
        waiting = jobs.waiting_for_confirmation().select_related("agency")
        return [job_followers.with_what_waits(waiting)]


class JobsToConfirm(Need):
    name = "jobs-to-confirm"
    order = 10
    page = MY_AGENCY
    template_name = "agencies/_jobs_to_confirm.html"

    def things(self, person):
        waiting = posts_of(access.agencies_led_by(person)).waiting_for_confirmation()
        posts = job_followers.with_what_waits(double_accounts.with_same_name(waiting, person))
        # Those for whom something waits come first.
        return sorted(posts, key=lambda post: not post.waits)


class JobsToCheck(Need):
    """Jobs that only an address at a shared domain confirms."""

    name = "jobs-to-check"
    order = 30
    page = MY_AGENCY
    template_name = "agencies/_jobs_to_check.html"

    def things(self, person):
        posts = posts_of(access.agencies_led_by(person)).proved_by_shared_domain()
        return posts.exclude(person=person)


class ManagersToConfirm(Need):
    name = "managers-to-confirm"
    order = 20
    page = MY_AGENCY
    template_name = "agencies/_managers_to_confirm.html"

    def things(self, person):
        posts = posts_of(access.agencies_led_by(person)).current()
        return posts.with_manager_to_confirm().exclude(person=person)
