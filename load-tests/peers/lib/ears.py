"""Waiting for what a phone hears, whatever phone it is."""
import time

from .processes import Failure, until


class Ears:
    """What a phone that tells `blocks(hertz)`, in how many tenths of a second a tone was heard so far, can be asked; `name` is its name in failures."""

    def hears_anew(self, hertz, seconds=15):
        """Waits until the tone is heard for half a second more."""
        before = self.blocks(hertz)
        until(lambda: self.blocks(hertz) >= before + 5, seconds, lambda: f"{self.name} did not hear {hertz} Hz again")

    def silent(self, hertz, seconds=10):
        """Waits until a second has passed in which the tone was not heard, whether or not anything else was."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            before = self.blocks(hertz)
            time.sleep(1)
            if self.blocks(hertz) - before <= 1:
                return
        raise Failure(f"{self.name} still heard {hertz} Hz after {seconds} s")
