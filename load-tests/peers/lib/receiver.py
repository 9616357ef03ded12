"""A receiver of webhooks beside the daemon: the example program that README shows."""
from .daemon import ROOT
from .processes import Process, port

SECRET = "0123456789abcdef0123456789abcdef"


def receiver(folder):
    """Starts it; returns the process, which prints a line a fact, and the settings of a daemon that posts to it."""
    at = port()
    process = Process("receiver", ["python3", ROOT / "load-tests/examples/webhook_receiver.py", at], folder, {"SECRET": SECRET})
    return process, {"TANDEM_WEBHOOK_CRM__URL": f"http://127.0.0.1:{at}/", "TANDEM_WEBHOOK_CRM__SECRET": SECRET,
                     "TANDEM_WEBHOOK_CRM__PRIVATE": "true"}
