"""Tones in WAV files: made for phones to play, found again in what phones recorded."""
import array, math, wave

RATE = 8000


def write(path, hertz, seconds, rate=RATE, channels=1):
    """Writes a sine of half the full level, the same in all channels."""
    sine = (int(16000 * math.sin(2 * math.pi * hertz * n / rate)) for n in range(rate * seconds))
    samples = array.array("h", (sample for sample in sine for _ in range(channels)))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())


def read(path):
    """Returns rate and samples of the first channel; of a file still being written, what is there."""
    data = open(path, "rb").read()
    if len(data) < 44:
        return RATE, array.array("h")
    channels, rate = int.from_bytes(data[22:24], "little"), int.from_bytes(data[24:28], "little")
    body = data[44:]
    samples = array.array("h", body[: len(body) // 2 * 2])
    return rate, samples[::channels]


def blocks(samples, rate, hertz):
    """Returns for each 100 ms the share of energy at `hertz`; 0 for silence (Goertzel)."""
    size, shares = rate // 10, []
    factor = 2 * math.cos(2 * math.pi * hertz / rate)
    for start in range(0, len(samples) - size + 1, size):
        block = samples[start:start + size]
        energy = sum(value * value for value in block) / size
        first = second = 0.0
        for value in block:
            first, second = value + factor * first - second, first
        power = (first * first + second * second - factor * first * second) * 2 / size / size
        shares.append(power / energy if energy > 100 else 0.0)
    return shares


def heard(path, hertz, last=None, least=0.8):
    """Returns in how many blocks of 100 ms, of the `last` ones or of all, a tone of `hertz` has at least that share of the energy."""
    rate, samples = read(path)
    if last:
        samples = samples[-last * rate // 10:]
    return sum(share > least for share in blocks(samples, rate, hertz))
