"""Form that changes the job of a booking."""

from django import forms

from courses.rules import charging


class JobForm(forms.Form):
    """Choice among the person's other jobs; each says below it what would follow."""

    post = forms.ChoiceField(
        label="For which job is it?",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose the job that this booking is for.",
            "invalid_choice": "Choose one of the jobs in the list.",
        },
    )
    cost_code = forms.CharField(
        label="Purchase order or cost code",
        max_length=60,
        required=False,
        help_text="Only where attending is charged to that agency.",
    )

    def __init__(self, *args, choices, run, shows_titles=True, **kwargs):
        super().__init__(*args, **kwargs)
        self.posts = {str(each.post.pk): each.post for each in choices if not each.refused}
        self.fields["post"].choices = [
            (pk, f"{post.title}, {post.agency}" if shows_titles else str(post.agency))
            for pk, post in self.posts.items()
        ]
        if len(self.posts) == 1:
            self.fields["post"].initial = next(iter(self.posts))
        if not any(charging.fee(run, post.agency) for post in self.posts.values()):
            del self.fields["cost_code"]

    def clean_post(self):
        return self.posts[self.cleaned_data["post"]]
