"""A daemon that is spoken to as ClamAV's is: `zINSTREAM`, pieces behind their lengths, a length of zero."""

import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def daemon(folder: Path, judge: Callable[[bytes], bytes], most: int = 25_000_000) -> Iterator[str]:
    """Give the socket of a daemon that answers what `judge` says of a file of `most` bytes at most."""

    class Conversation(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            assert self.rfile.read(10) == b"zINSTREAM\0"
            data = b""
            while length := struct.unpack(">I", self.rfile.read(4))[0]:
                if len(data) + length > most:
                    self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                    return
                data += self.rfile.read(length)
            self.wfile.write(judge(data))

    path = str(folder / "clamd.ctl")
    with socketserver.ThreadingUnixStreamServer(path, Conversation) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield path
        server.shutdown()
