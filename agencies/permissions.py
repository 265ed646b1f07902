"""Wagtail permission policies by role: the training office may do everything but delete."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from wagtail.permission_policies.base import BasePermissionPolicy

from agencies import access


class OfficePolicy(BasePermissionPolicy):
    """Policy by role instead of Django permissions, so that no form can widen it."""

    actions = frozenset({"add", "change", "view"})
    group = access.TRAINING_ADMINISTRATORS
    is_one = staticmethod(access.is_training_administrator)

    def user_has_permission(self, user, action) -> bool:
        return action in self.actions and self.is_one(user)

    def users_with_any_permission(self, actions) -> QuerySet:
        people = get_user_model().objects.filter(is_active=True)
        if not self.actions & set(actions):
            return people.none()
        return people.filter(Q(is_superuser=True) | Q(groups__name=self.group)).distinct()


class EditorsPolicy(OfficePolicy):
    """Policy for models that protocol editors maintain."""

    group = access.PROTOCOL_EDITORS
    is_one = staticmethod(access.is_protocol_editor)


class ReadOnlyPolicy(OfficePolicy):
    """Policy for models that the office may only view: only domain functions change them."""

    actions = frozenset({"view"})
