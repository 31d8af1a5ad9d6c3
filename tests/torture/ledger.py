"""The oracle: what clients were told, and whether it is so.

An upload's record here is made from the answers alone.  Every answered offset
is remembered; it may never go back, never exceed what was sent, and the bytes
below it must be there.  A file at its destination is whole or a violation.
"""

import os
import threading

from packets import Request, check_ack, offset, pattern
from staging import staged_files
from talk import fragment_request

FORGOTTEN = "0x8020001F"
LOST = "0x80004005"
# Which sessions a server may have lost; untouched are those of which it
# acknowledged no byte.
NOTHING, UNTOUCHED, ALL = range(3)


def plain(name):
    """An id as the name of a staged file and in a header are both written."""
    return "".join(c for c in name.lower() if c.isalnum())


def difference(got, wanted):
    """Where two contents differ, for the search for the cause."""
    wrong = [i for i in range(min(len(got), len(wanted)))
             if got[i] != wanted[i]]
    if not wrong:
        return f"{len(got)} bytes instead of {len(wanted)}"
    zeros = sum(got[i] == 0 for i in wrong)
    return f"{len(wrong)} from {wrong[0]} to {wrong[-1]}, {zeros} are zeros"


class Upload:
    """What a client knows of one of its uploads."""

    def __init__(self, name, total):
        self.name = name
        self.path = f"/{name}"
        self.total = total
        self.id = None
        self.acknowledged = 0
        self.sent_end = 0  # behind the last byte that ever left
        self.delivered = False
        self.ended = None  # the verb that ended it, once it was sent
        self.forgotten = False
        self.carried_away = False  # the file, once it was checked

    def content(self, count=None):
        return pattern(self.name, 0, self.total if count is None else count)

    def request(self, first, last):
        """A fragment; sending it is the caller's affair."""
        self.sent_end = max(self.sent_end, last + 1)
        return fragment_request(self.id, first, last, self.total, self.path,
                                self.name)

    def verb(self, verb):
        return Request(verb, self.path, self.id)


class Ledger:
    """All uploads of one world."""

    def __init__(self, turn):
        self.turn = turn
        self.lock = threading.Lock()
        self.uploads = {}
        self.may_go_back = False  # a disk failed to keep what it had taken
        self.may_forget = NOTHING
        self.deaf = threading.Event()  # the machine is dead, not its process

    def start(self, name, total):
        upload = Upload(name, total)
        with self.lock:
            self.uploads[name] = upload
        self.turn.count("uploads started")
        return upload

    def accuse(self, upload, words):
        self.turn.violation(f"{upload.name} {upload.id}: {words}")

    # --- what a client hears ---

    def heard(self, upload, response):
        """Any answer to a fragment.

        Where the power is cut for a file system, the process lives on for a
        moment, and XFS lets fsync of a folder succeed then: what is answered
        after the cut, no client of a machine without power ever hears."""
        n = offset(response)
        if n is None or self.deaf.is_set():
            return
        self.turn.count("offsets remembered")
        if upload.acknowledged > 0:
            self.turn.count("offsets checked")
        if n > upload.sent_end or n > upload.total:
            self.accuse(upload, f"offset {n}, sent were {upload.sent_end}")
        if n < upload.acknowledged and not self.may_go_back:
            self.accuse(upload, f"offset {n} after {upload.acknowledged}")
        upload.acknowledged = n
        if response.status == 200 and n == upload.total:
            self.heard_delivery(upload)

    def heard_delivery(self, upload):
        if not upload.delivered:
            upload.delivered = True
            self.turn.count("uploads delivered")

    # --- whether it is so ---

    def check_files(self, inbox):
        """Whole or absent, now; may run beside a load."""
        for folder, folders, names in os.walk(inbox):
            if ".bitsd" in folders:
                folders.remove(".bitsd")
            for name in names:
                self._check_size(inbox, os.path.join(folder, name))

    def _check_size(self, inbox, path):
        upload = self.uploads.get(os.path.relpath(path, inbox))
        size = os.lstat(path).st_size
        if upload is None:
            self.turn.violation(f"a file that no client uploaded: {path}")
        elif size != upload.total:
            self.accuse(upload, f"{size} bytes visible of {upload.total}")

    def check_file(self, upload, inbox):
        """The bytes of one destination, and that it is there if it must."""
        if upload.carried_away:
            return
        place = inbox / upload.name
        try:
            content = place.read_bytes()
        except FileNotFoundError:
            if upload.delivered:
                self.accuse(upload, "acknowledged, and its file is gone")
            return
        self.turn.count("bytes verified", len(content))
        if content != upload.content():
            self.accuse(upload, f"wrong bytes at {place}: "
                                f"{difference(content, upload.content())}")

    def check_offset(self, upload, bitsd, files):
        """Asks for the offset; files: the staged ones by their ids."""
        if upload.id is None or upload.total == 0:
            return
        n = self._ask(upload, bitsd)
        if n is None:
            return
        self.turn.count("offsets checked")
        if n < upload.acknowledged and not self.may_go_back:
            self.accuse(upload, f"offers {n}, {upload.acknowledged} were "
                                "acknowledged")
        if n > upload.sent_end:
            self.accuse(upload, f"offers {n}, sent were {upload.sent_end}")
        upload.acknowledged = n
        try:
            content = files[plain(upload.id)].read_bytes()[:n]
        except (KeyError, FileNotFoundError):
            # Delivered, perhaps just now.
            if n > 0 and not upload.delivered:
                self.accuse(upload, f"offers {n} and has no bytes")
            return
        self.turn.count("bytes verified", len(content))
        if content != upload.content(n):
            self.accuse(upload, f"wrong bytes below its offset {n}: "
                                f"{difference(content, upload.content(n))}")

    def _ask(self, upload, bitsd):
        """The offset; None for a session that is rightly unknown."""
        response = self._ask_once(upload, bitsd)
        if response.get("BITS-Error-Code") == LOST and self.may_go_back:
            # It was complete, lost bytes, and says so once.
            self.turn.count("offsets checked")
            response = self._ask_once(upload, bitsd)
        if response.get("BITS-Error-Code") == FORGOTTEN:
            needed = ALL if upload.acknowledged > 0 else UNTOUCHED
            if not upload.ended and self.may_forget < needed:
                self.accuse(upload, "its session is forgotten")
            upload.forgotten = True
            return None
        if response.status == 200:
            upload.sent_end = upload.total
            self.heard(upload, response)
        elif response.status != 416:
            self.accuse(upload, f"its offset is refused:\n{response}")
            return None
        return offset(response)

    def _ask_once(self, upload, bitsd):
        last = upload.total - 1
        # A gap, or a byte that is there; where only this one is missing, it
        # completes the upload.
        request = fragment_request(upload.id, last, last, upload.total,
                                   upload.path, upload.name)
        connection = bitsd.connect()
        connection.send(request.data())
        response = connection.read_response()
        connection.close()
        check_ack("fragment", upload.id, response)
        return response

    def check(self, bitsd, inbox, staging):
        """Everything, on a server that has no other work."""
        self.check_files(inbox)
        for upload in list(self.uploads.values()):
            self.check_file(upload, inbox)
        files = {plain(path.name): path for path in staged_files(staging)}
        for upload in list(self.uploads.values()):
            self.check_offset(upload, bitsd, files)

    def unfinished(self):
        """What a client would resume with."""
        return [upload for upload in self.uploads.values()
                if upload.id and not upload.delivered and not upload.ended
                and not upload.forgotten]
