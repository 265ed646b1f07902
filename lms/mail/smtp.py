"""Hand mails to the SMTP server and report which recipients it refused."""

import smtplib

from django.core.mail.backends.smtp import EmailBackend


class _Plain(smtplib.SMTP):
    """SMTP connection that keeps the reply for each refused recipient, which Django discards."""

    refused: dict[str, tuple[int, bytes]] = {}

    def sendmail(self, *args, **kwargs):
        self.refused = {}
        self.refused = super().sendmail(*args, **kwargs)
        return self.refused


class _Encrypted(_Plain, smtplib.SMTP_SSL):
    pass


class SmtpBackend(EmailBackend):
    @property
    def connection_class(self):
        return _Encrypted if self.use_ssl else _Plain

    @property
    def refused(self) -> dict[str, tuple[int, bytes]]:
        """Recipients refused for the message just sent; the others received it."""
        return getattr(self.connection, "refused", {})
