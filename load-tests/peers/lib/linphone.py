"""linphonec as a phone without a sound card: it plays a tone from a file, and writes what it hears into another."""
import array, re, subprocess

from . import tone
from .daemon import PASSWORD
from .ears import Ears
from .processes import Process, port, until

CONFIG = """[sip]
sip_port={sip}
sip_tcp_port=0
sip_tls_port=0
bind_address=127.0.0.1
guess_hostname=0
auto_net_state_mon=0
ipv6_migration_done=1
use_ipv6=0
register_only_when_network_is_up=0
default_proxy={account}
use_rfc2833=1
use_info=0
{more}
[rtp]
audio_rtp_port={rtp}
[sound]
echocancellation=0
[misc]
config-uri=
add_missing_audio_codecs=0
[video]
enabled=0
"""
CODEC = """[audio_codec_{at}]
mime={name}
rate=8000
channels=1
enabled={on}
"""
ACCOUNT = """[proxy_0]
reg_proxy=<sip:{server};transport=udp>
reg_identity=sip:{user}@{server}
reg_expires=60
reg_sendregister=1
publish=0
[auth_info_0]
username={user}
passwd={password}
"""


class Linphone(Ears):
    """The registered phone of `user`, or one by address alone. It answers by itself, unless it is to wait, and numbers its calls
    from 1. It speaks the first of `codecs` until told otherwise. `sealed` demands SRTP (RFC 4568); `early` lets it be heard before it answers."""

    def __init__(self, folder, user, server, hertz, register=True, sip=None, answers=True, codecs=("PCMU",), sealed=False, early=False):
        self.folder, self.user, self.sip, self.hertz = folder / f"linphone-{user}", user, sip or port(), hertz
        self.name = f"linphonec of {user}"
        for part in (".local/share/linphone", ".config/linphone"):
            (self.folder / part).mkdir(parents=True)
        self.address, self.out = f"127.0.0.1:{self.sip}", self.folder / "out.wav"
        tone.write(self.folder / "in.wav", hertz, 120)
        more = ["media_encryption=srtp", "media_encryption_mandatory=1"] if sealed else []
        more += ["incoming_calls_early_media=1"] if early else []
        config = CONFIG.format(sip=self.sip, rtp=port(), account=0 if register else -1, more="\n".join(more))
        config += "".join(CODEC.format(at=at, name=name, on=int(at == 0)) for at, name in enumerate(codecs))
        config += ACCOUNT.format(server=server, user=user, password=PASSWORD) if register else ""
        (self.folder / "rc").write_text(config)
        # Its log tells all of SIP; without a pipe it would want a terminal.
        self.process = Process(f"linphone-{user}", ["linphonec", *(["-a"] if answers else []), *(["--real-early-media"] if early else []),
                                                   "-c", "rc", "-d", "6", "-l", "trace.log"], self.folder,
                               {"HOME": str(self.folder), "LINPHONE_PIPE": "1"}, stdin=subprocess.PIPE)
        self.says("linphonec>")
        # Files in the place of a sound card: they are named before its first call.
        for line in ("soundcard use files", f"play {self.folder / 'in.wav'}", f"record {self.out}"):
            self.command(line)
        if register:
            until(lambda: self.answered("REGISTER", 200), 15, lambda: f"linphonec of {user} was not registered: {self.process.text()[-400:]}")

    def command(self, line):
        self.process.popen.stdin.write(line.encode() + b"\n")
        self.process.popen.stdin.flush()

    def says(self, pattern, seconds=15):
        """Waits until its screen shows something."""
        shown = lambda: re.search(pattern, self.process.text())
        until(shown, seconds, lambda: f"linphonec of {self.user} never said {pattern!r}: {self.process.text()[-400:]}")

    def trace(self):
        file = self.folder / "trace.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def answered(self, method, code):
        """Tells whether a request of its own was answered so."""
        return re.search(rf"^SIP/2\.0 {code} [^\n]*\n(?:[\w-]+:[^\n]*\n)*?CSeq: \d+ {method}", self.trace(), re.M)

    def blocks(self, hertz):
        """Returns in how many blocks of 100 ms of the last call the tone is. The file has no header yet."""
        data = self.out.read_bytes()[44:] if self.out.exists() else b""
        return sum(share > 0.8 for share in tone.blocks(array.array("h", data[:len(data) // 2 * 2]), tone.RATE, hertz))

    def hears(self, hertz, seconds=15):
        """Waits until the tone has been heard for half a second of a call."""
        until(lambda: self.blocks(hertz) >= 5, seconds, lambda: f"linphonec of {self.user} did not hear {hertz} Hz: {self.process.text()[-400:]}")


def calling(daemon, anna, agent, tones, **more):
    """Returns a linphonec that called and is talking to anna, and in which interaction; `tones` are hers and its own."""
    hers, own = tones
    caller = Linphone(daemon.folder, "desk", daemon.address, own, register=False, **more)
    caller.command(f"call sip:support@{daemon.address}")
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    anna.hears(own)
    caller.hears(hers)
    return caller, interaction
