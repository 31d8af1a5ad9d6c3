"""A real bitsd against the model, driven by Hypothesis.

Several clients, fragments in and out of order, FIN and RST after any byte,
replays, SIGKILL at rest and under way, files that come and go beside it.  The
default run is the same each time; BITSD_MODEL_EXAMPLES=N explores N runs at
random.
"""

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (Bundle, RuleBasedStateMachine, initialize,
                                 multiple, precondition, rule)

from bitsd import Bitsd
from model import RECV, RETRY, Model, Range
from packets import ERRORS, Request, check_ack, offset, pattern
from sockets import accepted, holds
from staging import session_file, staged_files
from talk import until
from wire import Closed

NAMES = ("a.bin", "b.bin")
# V12: how clients and proxies may write one path.
SPELLINGS = ("/{}", "/{}?token=1", "//{}", "/{}?", "///{}?/")
# Small ones for the edges, one that needs several reads.
TOTALS = st.sampled_from([0, 1, 2, 3, 10, 4095, 4096, 4097]
                         + 5 * [600001])
EXAMPLES = int(os.environ.get("BITSD_MODEL_EXAMPLES", "0"))


@st.composite
def ranges(draw):
    """How a client chooses a range; numbers relate to the session's facts."""
    return (draw(st.sampled_from(["next", "next", "next", "zero", "overlap",
                                  "gap", "any"])),
            draw(st.sampled_from(["end", "end", "one", "some"])),
            draw(st.integers(0, 1 << 30)),
            draw(st.sampled_from(["true"] * 8 + ["total", "length"])))


class OpenFragment:
    """A fragment whose client stalls in mid-body."""

    def __init__(self, session, wanted, connection, rest):
        self.session = session
        self.wanted = wanted
        self.connection = connection
        self.rest = rest
        self.current = True

    def sent(self):
        return self.wanted.length - len(self.rest)


class Uploads(RuleBasedStateMachine):
    sessions = Bundle("sessions")

    def __init__(self):
        super().__init__()
        self.bitsd = None
        self.open = []
        self.asked = 0

    @initialize(on_exists=st.sampled_from(["refuse", "refuse", "replace"]))
    def begin(self, on_exists):
        self.model = Model(on_exists)
        self.bitsd = Bitsd(uploads={"/": {"on_exists": on_exists}}).start()
        self.connection = None

    def teardown(self):
        if self.bitsd is None:
            return
        try:
            self.bitsd.check_alive()
            self.check_files()
            self.check_staging()
        finally:
            self.hang_up()
            self.bitsd.close()

    def hang_up(self):
        for fragment in self.open:
            fragment.connection.close()
        self.open = []
        if self.connection:
            self.connection.close()
            self.connection = None

    # --- packets ---

    def ask(self, request, verb):
        """Sends on the kept connection and checks the form of the Ack."""
        if self.connection is None:
            self.connection = self.bitsd.connect()
        self.connection.send(request.data())
        response = self.connection.read_response()
        check_ack(verb, request.value("BITS-Session-Id"), response)
        if response.closes():
            self.connection.close()
            self.connection = None
        return response

    def compare(self, response, answer):
        status, error, wanted = answer
        got = (response.status, response.get("BITS-Error-Code"),
               offset(response))
        expected = (status, ERRORS.get(error), wanted)
        if got != expected:
            # Hypothesis reports a failure that does not come again without
            # its details; pytest shows what was printed.
            print(f"{got} instead of {expected}\n{response}\n{self.bitsd.log}")
        assert got == expected

    def spelled(self, path):
        """The path as a target, each time in another spelling."""
        self.asked += 1
        return SPELLINGS[self.asked % len(SPELLINGS)].format(path)

    def request(self, session, wanted):
        body = pattern(session.seed, wanted.first, wanted.length)
        return Request("fragment", self.spelled(session.path), session.id,
                       wanted.text(), body)

    def choose(self, session, choice, total):
        """A Range out of what the strategy drew."""
        how, end, number, twist = choice
        total = total if session.total is None else session.total
        if total == 0:
            return Range(0, 0, 0, 0)
        first = {"next": session.stored, "zero": 0,
                 "overlap": session.stored // 2,
                 "gap": session.stored + 1 + number % 3,
                 "any": number % total}[how]
        last = {"end": total - 1, "one": first,
                "some": first + number % max(1, total - first)}[end]
        length = max(0, last - first + 1)
        if twist == "total":
            total += 1
        if twist == "length":
            length += 1
        return Range(first, last, total, length)

    def take_over(self, session):
        """A packet that stores or ends makes an older connection late."""
        for fragment in self.open:
            if fragment.session is session:
                fragment.current = False

    # --- rules: one packet after the other ---

    @rule(target=sessions, name=st.sampled_from(NAMES))
    def create(self, name):
        answer = self.model.create(name)
        response = self.ask(Request("create", self.spelled(name)), "create")
        self.compare(response, answer)
        if answer[0] != 200:
            return multiple()
        return self.model.add(response.get("BITS-Session-Id"), name)

    @rule(session=sessions, choice=ranges(), total=TOTALS)
    def fragment(self, session, choice, total):
        if session.empty_close:
            return
        wanted = self.choose(session, choice, total)
        if self.stores(session, wanted):
            self.take_over(session)
        answer = self.model.fragment(session, wanted)
        self.compare(self.ask(self.request(session, wanted), "fragment"),
                     answer)

    @rule(session=sessions)
    def close(self, session):
        self.end(session, "close")

    @rule(session=sessions)
    def cancel(self, session):
        self.end(session, "cancel")

    def end(self, session, verb):
        self.take_over(session)
        answer = getattr(self.model, verb)(session)
        request = Request(verb, self.spelled(session.path), session.id)
        self.compare(self.ask(request, verb), answer)

    @rule(session=sessions)
    def at_another_url(self, session):
        request = Request("cancel", "/other.bin", session.id)
        self.compare(self.ask(request, "cancel"), (500, "ENOSESSION", None))

    # --- rules: what goes wrong ---

    def stores(self, session, wanted):
        return (session.alive() and wanted.length > 0
                and self.model.refusal(session, wanted) is None
                and self.model.stores(session, wanted))

    def send_part(self, session, choice, total, number):
        """The head and some bytes of a fragment that stores; or None.

        At least one new byte is sent, so that its arrival can be seen."""
        wanted = self.choose(session, choice, total)
        if session.empty_close or not self.stores(session, wanted):
            return None
        self.take_over(session)
        known = session.stored - wanted.first
        sent = known + 1 + number % (wanted.length - known)
        request = self.request(session, wanted)
        connection = self.bitsd.connect()
        connection.send(request.head() + request.body[:sent])
        return OpenFragment(session, wanted, connection, request.body[sent:])

    def settle(self, session, before):
        """Asks until the server has the bytes of the model.

        A duplicate disturbs no request if there was a byte before, a gap if one
        is left; without either, nothing is asked and False returned."""
        total = session.total
        if before > 0:
            wanted = Range(0, 0, total, 1)
        elif session.stored + 1 < total:
            wanted = Range(total - 1, total - 1, total, 1)
        else:
            return False
        answers = []

        def arrived():
            answers.append(self.ask(self.request(session, wanted), "fragment"))
            got = offset(answers[-1])
            assert got is not None and got <= session.stored, answers[-1]
            return got == session.stored

        until(arrived)
        self.compare(answers[-1], self.model.fragment(session, wanted))
        return True

    def leave(self, part, end):
        """Ends the connection by FIN or RST and waits until the server has
        closed it too: nothing of the fragment happens any more.  One that
        came whole may deliver as long as it is unread, so that no rule can
        say what it finds."""
        until(lambda: accepted(part.connection))
        inode = accepted(part.connection)
        end()
        until(lambda: not holds(self.bitsd.pid, inode))

    def resume(self, session, wanted):
        """The fragment once more.  Its forerunner may be noticed only now and
        count as the newest; then the client comes back again."""
        answer = self.model.fragment(session, wanted)
        response = None
        while response is None:
            try:
                response = self.ask(self.request(session, wanted), "fragment")
            except (Closed, ConnectionError):  # or in the middle of the body
                self.bitsd.check_alive()
                self.connection.close()
                self.connection = None
        self.compare(response, answer)

    @rule(session=sessions, choice=ranges(), total=TOTALS,
          number=st.integers(0, 1 << 30))
    def cut_by_fin(self, session, choice, total, number):
        """Every byte before the FIN is kept."""
        part = self.send_part(session, choice, total, number)
        if part is None:
            return
        self.leave(part, part.connection.close)
        before = session.stored
        self.model.cut(session, part.wanted, part.sent())
        if not self.settle(session, before):
            self.resume(session, part.wanted)

    @rule(session=sessions, choice=ranges(), total=TOTALS,
          number=st.integers(0, 1 << 30))
    def cut_by_rst_and_resumed(self, session, choice, total, number):
        """How much is kept is open; the resumed fragment fits all the same."""
        part = self.send_part(session, choice, total, number)
        if part is None:
            return
        if part.rest:
            part.connection.reset()
        else:
            self.leave(part, part.connection.reset)
        self.resume(session, part.wanted)

    @precondition(lambda self: len(self.open) < 3)
    @rule(session=sessions, choice=ranges(), total=TOTALS,
          number=st.integers(0, 1 << 30))
    def stall(self, session, choice, total, number):
        """A client that hangs in mid-body, with at least a byte to go."""
        part = self.send_part(session, choice, total, number)
        if part is None:
            return
        before = session.stored
        self.model.cut(session, part.wanted, part.sent())
        if part.rest and self.settle(session, before):
            self.open.append(part)
        else:
            self.leave(part, part.connection.close)
            self.resume(session, part.wanted)

    @precondition(lambda self: self.open)
    @rule(number=st.integers(0, 2))
    def continue_session(self, number):
        """The stalled client sends the rest; only the newest lands."""
        part = self.open.pop(number % len(self.open))
        try:
            part.connection.send(part.rest)
        except ConnectionError:
            assert not part.current
        if part.current:
            response = part.connection.read_response()
            check_ack("fragment", part.session.id, response)
            answer = self.model.fragment(part.session, part.wanted)
            self.compare(response, answer)
        else:
            part.connection.expect_end()
        part.connection.close()

    def restart(self):
        self.bitsd.kill()
        self.hang_up()
        self.bitsd.start()

    @rule()
    def kill_at_rest(self):
        self.restart()

    @rule(session=sessions, choice=ranges(), total=TOTALS,
          number=st.integers(0, 1 << 30))
    def kill_in_a_fragment(self, session, choice, total, number):
        """Nothing acknowledged is lost; what else is kept, the model learns."""
        part = self.send_part(session, choice, total, number)
        self.restart()
        if part is None:
            return
        part.connection.close()
        answer = self.model.fragment(session, part.wanted)
        self.compare(self.ask(self.request(session, part.wanted), "fragment"),
                     answer)

    @rule(session=sessions, verb=st.sampled_from(["close", "cancel"]))
    def kill_in_the_end(self, session, verb):
        """Close or Cancel without its Ack: repeated, it means the same."""
        connection = self.bitsd.connect()
        request = Request(verb, self.spelled(session.path), session.id)
        connection.send(request.data())
        self.restart()
        connection.close()
        self.end(session, verb)

    # --- rules: the folder ---

    @rule(name=st.sampled_from(NAMES))
    def another_program_takes_the_file(self, name):
        if name in self.model.files:
            self.check_files()
            (self.bitsd.inbox / name).unlink()
            del self.model.files[name]

    @rule(name=st.sampled_from(NAMES))
    def another_program_makes_the_file(self, name):
        if name not in self.model.files:
            (self.bitsd.inbox / name).write_bytes(b"not ours")
            self.model.files[name] = (None, 8)

    # --- what must hold ---

    def check_files(self):
        there = {p.name for p in self.bitsd.inbox.iterdir() if p.is_file()}
        assert there == set(self.model.files)
        for name, (seed, length) in self.model.files.items():
            content = (self.bitsd.inbox / name).read_bytes()
            wanted = pattern(seed, 0, length) if seed else b"not ours"
            assert content == wanted, f"{name}: {len(content)} bytes"

    def check_staging(self):
        """Staged files belong to live sessions, and hold their bytes."""
        folder = self.bitsd.inbox / ".bitsd"
        live = 0
        for session in self.model.sessions:
            path = session_file(folder, session.id)
            if session.state not in (RECV, RETRY):
                assert path is None, f"{path} is left of {session}"
                continue
            live += path is not None
            if session.stored:
                content = path.read_bytes()[: session.stored]
                assert content == pattern(session.seed, 0, session.stored)
        assert len(staged_files(folder)) == live


settings.register_profile(
    "default", max_examples=120, stateful_step_count=40, derandomize=True)
settings.register_profile(
    "long", max_examples=EXAMPLES or 1, stateful_step_count=60,
    print_blob=True)
settings.load_profile("long" if EXAMPLES else "default")

TestUploads = Uploads.TestCase
TestUploads.settings = settings(
    deadline=None, database=None, suppress_health_check=list(HealthCheck))
