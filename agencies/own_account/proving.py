"""Decide when a person who is signed in must prove again who they are, and how.

A change of addresses needs a proof of its own within the hour: whoever finds a session open would
take the account over. For a file of people, and for a second factor, signing in within the hour is
enough.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.account.internal.flows.login import record_authentication
from django.db import transaction

import history

if TYPE_CHECKING:
    from django.http import HttpRequest

SIGNED_IN_AT = "signed_in_at"
STATE = "proving_code"


def note_sign_in(sender, request, user, **kwargs) -> None:
    """Keep in the session when it began; connected to Django's signal."""
    request.session[SIGNED_IN_AT] = time.time()


def is_due(request: HttpRequest, *, after_sign_in: bool) -> bool:
    """Return whether the last proof is too long ago; `after_sign_in`: another than signing in."""
    records = get_authentication_records(request, request.user)
    proofs = [record["at"] for record in records if record.get("reauthenticated")]
    if not after_sign_in:
        proofs.append(request.session.get(SIGNED_IN_AT, 0))
    age = time.time() - max(proofs, default=0)
    return not 0 <= age < app_settings.REAUTHENTICATION_TIMEOUT


class CodeProcess(AbstractCodeVerificationProcess):
    """Code that is emailed to somebody who is signed in, kept in their session."""

    def __init__(self, request: HttpRequest, state: dict) -> None:
        super().__init__(
            max_attempts=app_settings.LOGIN_BY_CODE_MAX_ATTEMPTS,
            timeout=app_settings.LOGIN_BY_CODE_TIMEOUT,
            state=state,
            user=request.user,  # type: ignore[arg-type]
        )
        self.request = request

    @classmethod
    def begin(cls, request: HttpRequest) -> CodeProcess:
        """Email a new code to the person's address."""
        process = cls(request, cls.initial_state(request.user, request.user.email))  # type: ignore[arg-type, union-attr]
        process.send()
        process.persist()
        return process

    @classmethod
    def resume(cls, request: HttpRequest) -> CodeProcess | None:
        """Return the code that waits in this session; None if there is none, or no more."""
        state = request.session.get(STATE)
        if not state or state.get("user_id") != str(request.user.pk):
            return None
        if state.get("email") != request.user.email:  # type: ignore[union-attr]
            return None  # It went to an address that is theirs no longer.
        return cls(request, state).abort_if_invalid()

    def persist(self) -> None:
        self.request.session[STATE] = self.state

    def send(self) -> None:
        adapter = get_adapter()
        self.state["code"] = adapter.generate_login_code()
        context = {"request": self.request, "code": self.state["code"]}
        adapter.send_mail("account/email/proving_code", self.state["email"], context)

    def abort(self) -> None:
        self.request.session.pop(STATE, None)

    @transaction.atomic
    def refuse(self) -> bool:
        """Count a wrong code; return False if no other may be tried."""
        history.record("person.wrong_code", self.request.user, by="SIGN_IN")  # type: ignore[arg-type]
        return self.record_invalid_attempt()

    @transaction.atomic
    def finish(self) -> None:
        """Remember that the code was right."""
        self.abort()
        person = self.request.user
        record_authentication(self.request, person, method="code", reauthenticated=True)  # type: ignore[arg-type]
        history.record("person.proved", person, by=person)  # type: ignore[arg-type]
