"""Find the mails that the worker has sent, and the links in them."""

import re


def mail_to(server, address, subject):
    """Wait for a mail to this address whose subject begins so; return every such mail."""

    def arrived():
        return [m for m in server.delivered if address in m.to and m.subject.startswith(subject)]

    return server.wait_for(arrived)


def text_of_mail(message):
    return message.get_body(("plain",)).get_content()


def open_mail(server, person, subject):
    """Return the text of the first unopened mail to this person, and mark it opened."""
    letter = mail_to(server, person.email, subject)[0]
    server.delivered.remove(letter)
    return text_of_mail(letter.message)


def link_in(text):
    """Return the first link in the text."""
    return re.search(r"https?://\S+", text).group()
