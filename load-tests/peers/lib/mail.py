"""A mail server that takes what it is sent, as it is told to. It speaks as much of SMTP as Tandem asks for."""
import email, email.policy, re, socket, threading, time

from .processes import port, until


class MailServer:
    """Listens on loopback. `answers` maps a command (MAIL, RCPT, DATA, and TAKEN for the mail itself) to what is said instead of
    yes; `slow` is how long it thinks before it says that a mail is taken; `taken` is called just before."""

    def __init__(self, number=None):
        self.port, self.mails, self.answers = number or port(), [], {}
        self.slow, self.taken, self.news = 0, None, threading.Lock()
        self.listener = None

    def open(self):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", self.port))
        self.listener.listen()
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()
        return self

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client):
        lines = client.makefile("rb")
        try:
            self._say(client, "220 here")
            for line in lines:
                verb = line.split(None, 1)[0].decode().upper() if line.strip() else ""
                if verb == "EHLO":
                    self._say(client, "250-here\r\n250 8BITMIME")
                elif verb == "QUIT":
                    return self._say(client, "221 bye")
                elif verb == "DATA" and verb not in self.answers:
                    self._say(client, "354 go on")
                    self._take(client, lines)
                else:
                    self._say(client, self.answers.get(verb, "250 yes"))
        except OSError:
            pass
        finally:
            client.close()

    def _take(self, client, lines):
        text = b""
        for line in lines:
            if line == b".\r\n":
                break
            text += line[1:] if line.startswith(b".") else line
        else:
            return
        answer = self.answers.get("TAKEN", "250 taken")
        if answer.startswith("2"):
            with self.news:
                self.mails.append(email.message_from_bytes(text, policy=email.policy.default))
            if self.taken:
                self.taken()
        time.sleep(self.slow)
        self._say(client, answer)

    @staticmethod
    def _say(client, text):
        client.sendall(f"{text}\r\n".encode())

    def wait(self, count, seconds=20):
        """Waits until so many mails are taken; returns the last."""
        until(lambda: len(self.mails) >= count, seconds, lambda: f"{len(self.mails)} mails were taken, not {count}")
        return self.mails[count - 1]


def link(mail):
    """Returns the link of a mail, as its List-Unsubscribe header names it."""
    return re.fullmatch(r"<(.*)>", mail["List-Unsubscribe"]).group(1)
