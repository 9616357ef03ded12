"""baresip as a phone without a sound card: it plays a tone, records what it hears, and takes JSON commands."""
import json, socket, subprocess

from . import tone
from .daemon import PASSWORD
from .ears import Ears
from .processes import Failure, Process, port, until

CONFIG = """poll_method epoll
sip_listen {host}:{sip}
call_local_timeout 60
call_max_calls 4
call_hold_other_calls no
audio_path /usr/share/baresip
audio_source aufile,in.wav
audio_player aubridge,sink
audio_alert aubridge,alert
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
audio_level no
ausrc_format s16
auplay_format s16
rtp_ports {rtp}-{rtp_end}
rtp_timeout 60
snd_path .
net_interface {interface}
net_af {family}
module_path {modules}
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
"""


def installed():
    """Returns where the package put baresip's modules."""
    listing = subprocess.run(["dpkg", "-L", "baresip-core"], capture_output=True, text=True).stdout.splitlines()
    found = [line for line in listing if line.endswith("/modules/g711.so")]
    return found[0].rsplit("/", 1)[0] if found else "/usr/lib/baresip/modules"


class Phone(Ears):
    """A baresip. With `register` it is the registered phone of `user`, else a phone by address alone; it keeps
        `flows`, which are URIs, to be called by (RFC 5626). With `six` it is at ::1, else at 127.0.0.1."""

    def __init__(self, folder, user, server, hertz, register=True, transport="udp", answer="auto", codecs="PCMU,PCMA", sip=None, modules=(), mediaenc=None, flows=(), six=False):
        # The share of the energy that counts as a tone: less where several are heard at once.
        self.least = 0.8
        self.folder, self.user, self.hertz = folder / f"baresip-{user}", user, hertz
        self.name = f"baresip of {user}"
        self.folder.mkdir(parents=True)
        self.sip, self.control, rtp = sip or port(), port(), port()
        tone.write(self.folder / "in.wav", hertz, 120)
        # baresip cuts paths at 127 characters, so they are relative to the folder it runs in, however deep that lies.
        (self.folder / "config").write_text(CONFIG.format(
            host="[::1]" if six else "127.0.0.1", interface="::1" if six else "127.0.0.1", family="ipv6" if six else "ipv4",
            sip=self.sip, rtp=rtp, rtp_end=rtp + 3, control=self.control, modules=installed()) + "".join(f"module {name}.so\n" for name in modules))
        account = f"<sip:{user}@{server};transport={transport}>;answermode={answer};audio_codecs={codecs}"
        account += f";mediaenc={mediaenc}" if mediaenc else ""
        account += ";sipnat=outbound" if flows else ""
        account += "".join(f';outbound{n if n > 1 else ""}="{uri}"' for n, uri in enumerate(flows, 1))
        account += f";auth_user={user};auth_pass={PASSWORD};regint=60" if register else ";regint=0"
        (self.folder / "accounts").write_text(account + "\n")
        (self.folder / "contacts").write_text("")
        self.process = Process(f"baresip-{user}", ["baresip", "-s", "-f", self.folder], self.folder)
        until(self._listens, 10, lambda: f"baresip of {user} did not start: {self.process.text()[-400:]}")
        if register:
            until(lambda: "200 OK" in self.process.text() and "REGISTER" in self.process.text(), 10,
                  lambda: f"baresip of {user} was not registered: {self.process.text()[-600:]}")

    def _listens(self):
        if not self.process.running():
            raise Failure(f"baresip ended: {self.process.text()[-400:]}")
        try:
            socket.create_connection(("127.0.0.1", self.control), 1).close()
            return True
        except OSError:
            return False

    def command(self, name, params=""):
        """Gives one command; returns the answer's text."""
        data = json.dumps({"command": name, "params": params, "token": "t"}).encode()
        with socket.create_connection(("127.0.0.1", self.control), 5) as link:
            link.sendall(str(len(data)).encode() + b":" + data + b",")
            link.settimeout(5)
            buffer = b""
            while True:
                part = link.recv(65536)
                if not part:
                    raise Failure(f"baresip closed its control socket at {name}")
                buffer += part
                while b":" in buffer:
                    size, rest = buffer.split(b":", 1)
                    if len(rest) <= int(size):
                        break
                    message = json.loads(rest[:int(size)])
                    buffer = rest[int(size) + 1:]
                    if message.get("response"):
                        return message.get("data", "")

    def recordings(self):
        """Returns the files of what was heard, oldest first."""
        return sorted(self.folder.glob("dump-*-dec.wav"), key=lambda file: file.stat().st_mtime)

    def hears(self, hertz, seconds=15):
        """Waits until the newest recording has the tone for half a second."""
        def found():
            files = self.recordings()
            return files and tone.heard(files[-1], hertz, least=self.least) >= 5
        until(found, seconds, lambda: f"baresip of {self.user} did not hear {hertz} Hz; {self._report()}")

    def blocks(self, hertz):
        """Returns in how many tenths of a second of the newest recording the tone is."""
        return tone.heard(self.recordings()[-1], hertz, least=self.least)

    def _report(self):
        files = self.recordings()
        sizes = [(file.name, file.stat().st_size) for file in files]
        return f"recordings {sizes}; {self.process.text()[-300:]}"

    def stop(self):
        self.process.stop()
