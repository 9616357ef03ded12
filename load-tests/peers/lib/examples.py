"""The example programs that README shows, beside the daemon."""
import sys

from .daemon import ROOT
from .processes import Process, port

EXAMPLES = ROOT / "load-tests" / "examples"
SECRET = "0123456789abcdef0123456789abcdef"


def serve(folder, name):
    """Starts an example that listens; returns it with its address."""
    free = port()
    example = Process(name, [sys.executable, EXAMPLES / name, free], folder, {"SECRET": SECRET})
    return example, f"http://127.0.0.1:{free}/"


def receiver(folder):
    """Starts the receiver of webhooks; returns it, which prints a line a fact, with the settings of a daemon that posts to it."""
    process, url = serve(folder, "webhook_receiver.py")
    return process, {"TANDEM_WEBHOOK_CRM__URL": url, "TANDEM_WEBHOOK_CRM__SECRET": SECRET, "TANDEM_WEBHOOK_CRM__PRIVATE": "true"}
