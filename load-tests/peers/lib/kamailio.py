"""Kamailio as the carrier between Tandem and the world, with Record-Route on every call."""
import os, socket, subprocess
from pathlib import Path

from .processes import Failure, Process, port, until

CONFIGS = Path(__file__).resolve().parents[1] / "kamailio"
PROGRAM = "/usr/sbin/kamailio"


class Carrier:
    """A running Kamailio on `port`, with one of the configurations beside."""

    def __init__(self, folder, gateway, far, port_=None, authenticate=False, config="carrier", defined=()):
        self.folder = Path(folder) / "kamailio"
        self.folder.mkdir(parents=True)
        self.port = port_ or port()
        names = {"LISTENPORT": self.port, "GWHOST": f'"{gateway}"', "GWPORT": gateway.rsplit(":", 1)[1], "FARHOST": f'"{far}"'}
        defines = [f"#!define {name} {value}" for name, value in names.items()] + (["#!define TRUNKAUTH"] if authenticate else [])
        defines += [f"#!define {name}" for name in defined]
        text = (CONFIGS / f"{config}.cfg").read_text().split("\n", 1)[1]
        # The preprocessor does not reach into listen=.
        text = text.replace("127.0.0.1:LISTENPORT", f"127.0.0.1:{self.port}")
        config = self.folder / f"{config}.cfg"
        config.write_text("\n".join(["#!KAMAILIO", *defines, text]))
        check = subprocess.run([PROGRAM, "-c", "-f", config], capture_output=True, text=True, timeout=30)
        if check.returncode:
            raise Failure(f"kamailio does not take its configuration: {check.stderr[-400:]}")
        self.config = config
        self._start()

    def _start(self):
        self.process = Process("kamailio", [PROGRAM, "-f", self.config, "-DD", "-E", "-m", "64", "-M", "8", "-w", self.folder,
                                            "-Y", self.folder, "-P", self.folder / "pid"], self.folder)
        until(self._listens, 10, lambda: f"kamailio did not start: {self.process.text()[-400:]}")

    def restart(self):
        """Ends it with all of its connections, and starts it anew; it has forgotten who is registered."""
        self.process.stop()
        self._start()

    def _listens(self):
        if not self.process.running():
            raise Failure(f"kamailio ended: {self.process.text()[-400:]}")
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"
