"""How is a mail handed to the mail server, and whom of several did it refuse?"""

import smtplib

from django.core.mail.backends.smtp import EmailBackend


class _Plain(smtplib.SMTP):
    """Keeps what the server said of each address it refused, which Django's own drops."""

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
        """Those refused of the message just sent, which went to the others."""
        return getattr(self.connection, "refused", {})
