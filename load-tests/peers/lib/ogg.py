"""Tones as Ogg Opus files (RFC 7845), encoded by the system's libopus."""
import ctypes, ctypes.util, math, struct

from .processes import Failure

RATE, FRAME, VOIP = 48_000, 960, 2048


def _check(data):
    """Returns the checksum of a page (RFC 3533)."""
    check = 0
    for byte in data:
        check ^= byte << 24
        for _ in range(8):
            check = (check << 1 ^ (0x04C11DB7 if check & 0x80000000 else 0)) & 0xFFFFFFFF
    return check


def _page(kind, position, number, packets):
    """Returns one page with whole packets of less than 255 bytes."""
    head = b"OggS" + struct.pack("<BBQIII", 0, kind, position, 1, number, 0) + bytes([len(packets), *map(len, packets)])
    page = head + b"".join(packets)
    return page[:22] + struct.pack("<I", _check(page)) + page[26:]


def _packets(hertz, seconds):
    name = ctypes.util.find_library("opus")
    if not name:
        raise Failure("there is no libopus, which comes with baresip")
    opus, error = ctypes.CDLL(name), ctypes.c_int()
    opus.opus_encoder_create.restype = ctypes.c_void_p
    encoder = ctypes.c_void_p(opus.opus_encoder_create(RATE, 1, VOIP, ctypes.byref(error)))
    out = ctypes.create_string_buffer(1275)
    for frame in range(seconds * RATE // FRAME):
        sine = (int(16000 * math.sin(2 * math.pi * hertz * (frame * FRAME + at) / RATE)) for at in range(FRAME))
        size = opus.opus_encode(encoder, (ctypes.c_int16 * FRAME)(*sine), FRAME, out, 250)
        if size < 0:
            raise Failure(f"libopus refused a frame: {size}")
        yield out.raw[:size]
    opus.opus_encoder_destroy(encoder)


def write(path, hertz, seconds):
    """Writes a sine of half the full level, a packet a page."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 312, RATE, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 5) + b"tones" + struct.pack("<I", 0)
    packets = list(_packets(hertz, seconds))
    pages = [_page(2, 0, 0, [head]), _page(0, 0, 1, [tags])]
    for at, packet in enumerate(packets, 1):
        pages.append(_page(4 if at == len(packets) else 0, at * FRAME, at + 1, [packet]))
    path.write_bytes(b"".join(pages))
