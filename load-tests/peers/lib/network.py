"""A loopback network of one's own, so that checks beside each other share no port."""
import ctypes, fcntl, os, socket, struct

NEW_NETWORK = 0x40000000  # CLONE_NEWNET
SET_FLAGS, UP, RUNNING = 0x8914, 0x1, 0x40


def leave():
    """Takes this process, and all it starts, into a network that has only a loopback; raises OSError where that is not allowed."""
    if ctypes.CDLL(None, use_errno=True).unshare(NEW_NETWORK):
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sh14x", b"lo", UP | RUNNING))


def can_be_left():
    """Returns whether `leave` works here, tried by a process that ends."""
    child = os.fork()
    if child == 0:
        try:
            leave()
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0
