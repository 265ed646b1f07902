"""What came in the post? Mails that the worker has sent, and the links in them."""

import re
import time


def until(happened, what, seconds=90):
    """What has happened by then; the worker does its work in its own time."""
    end = time.monotonic() + seconds
    while not (found := happened()):
        assert time.monotonic() < end, f"It has not happened: {what}"
        time.sleep(0.1)
    return found


def mail_to(server, address, subject):
    """Every mail to this address that begins so."""

    def came():
        return [m for m in server.delivered if address in m.to and m.subject.startswith(subject)]

    return until(came, f"a mail to {address}: {subject}")


def text_of_mail(message):
    return message.get_body(("plain",)).get_content()


def open_mail(server, person, subject):
    """The text of the first such mail to this person that was not opened yet."""
    letter = mail_to(server, person.email, subject)[0]
    server.delivered.remove(letter)
    return text_of_mail(letter.message)


def link_in(text):
    """The first; what else a mail leads to comes after it."""
    return re.search(r"https?://\S+", text).group()
