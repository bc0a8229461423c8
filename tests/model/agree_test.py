"""The C++ code and a model of the specifications judge the same messages, and must agree on verdicts and bytes.

    python3 tests/model/agree_test.py                           what the test runs
    python3 tests/model/agree_test.py --messages N --seed S     more, or others
    python3 tests/model/agree_test.py --seed S --case K         one case again
"""
import argparse
import json
import random
import subprocess
import sys
import unittest
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from model import cases, formats, judge, primitives  # noqa: E402
from model.cases import NOW  # noqa: E402
from model.formats import METHODS, REQUEST, RESPONSE, Refused, Stream  # noqa: E402
from support.programs import ROOT, our_bin  # noqa: E402

MESSAGES = 20000
SEED = 1


class Disagreement(Exception):
    pass


def expect(theirs, ours, what):
    if theirs != ours:
        raise Disagreement(f"{what}\n  C++:   {shown(theirs)}\n  model: {shown(ours)}")


def shown(value):
    if isinstance(value, bytes):
        return f"{len(value)} bytes {value[:60].hex()}"
    if isinstance(value, (tuple, list)):
        return "(" + ", ".join(shown(part) for part in value) + ")"
    return repr(value)


class Answer:
    def __init__(self, data):
        self.data, self.at = data, 0

    def number(self):
        self.at += 8
        return formats.number(self.data[self.at - 8:self.at])

    def bytes(self):
        length = formats.number(self.data[self.at:self.at + 4])
        self.at += 4 + length
        return self.data[self.at - length:self.at]

    def text(self):
        return self.bytes().decode()


class Driver:
    """The C++ code; driver.cpp says what it can be asked."""

    def __init__(self):
        self.process = subprocess.Popen([our_bin() / "model_driver"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    @staticmethod
    def _field(value):
        if isinstance(value, (list, tuple)):
            return formats.u64(len(value)) + b"".join(Driver._field(part) for part in value)
        if isinstance(value, int):
            return formats.u64(value)
        data = value.encode() if isinstance(value, str) else value
        return len(data).to_bytes(4, "big") + data

    def ask(self, *fields):
        body = b"".join(self._field(value) for value in fields)
        try:
            self.process.stdin.write(len(body).to_bytes(4, "big") + body)
            self.process.stdin.flush()
            head = self.process.stdout.read(4)
            answer = self.process.stdout.read(formats.number(head))
        except BrokenPipeError:
            head = b""
        if len(head) < 4:
            raise Disagreement(f"the driver ended at {fields[0]}: {self.process.wait()}")
        return Answer(answer)

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


@contextmanager
def driving():
    driver = Driver()
    try:
        yield driver
    finally:
        driver.close()


def stream_of(answer):
    return Stream(answer.bytes(), answer.text(), bool(answer.number()))


def parts_of(stream):
    return stream.error or "whole", stream.may_end, stream.plain


def judge_request(rng, driver):
    """A client's stream at ss-server; and where it is taken, what ss-server seals behind it."""
    keys = cases.draw_keys(rng)
    reads, salt = cases.draw_request(rng, keys)
    seen = [rng.randbytes(keys.method.key)] + ([salt] if rng.random() < 0.05 else [])
    payloads = [rng.randbytes(rng.choice((1, 5, 2000, rng.randrange(1, 40000)))) for _ in range(rng.randrange(3))] if rng.random() < 0.3 else []
    answer = driver.ask("server-stream", keys.method.name, keys.secret, keys.users, NOW, seen, reads, rng.getrandbits(64), payloads)

    server = judge.Server(keys.method, keys.key, keys.user_keys, set(seen))
    try:
        taken = server.take_stream(reads, NOW)
        verdict = "ok" if taken else "more"
    except Refused as refusal:
        verdict = str(refusal)
    what = f"{keys.method.name}, {len(keys.users)} users, a request in {len(reads)} reads"
    expect((answer.text(), answer.number()), (verdict, len(server.salts) - len(seen)), f"{what}: verdict and salts remembered")
    if verdict != "ok":
        return 1
    expect((answer.number(), answer.bytes()), (taken.user, taken.target), f"{what}: user and target")
    expect(parts_of(stream_of(answer)), parts_of(taken.stream), f"{what}: payload")
    if payloads:
        client = judge.Client(keys.method, keys.chain(taken.user)[-1])
        response = client.take_response(answer.bytes(), salt, NOW + rng.choice((-30, 30)))
        expect(parts_of(response), ("whole", True, b"".join(payloads)), f"{what}: the response")
    return 2 if payloads else 1


def judge_response(rng, driver):
    """A server's stream at ss-local."""
    keys = cases.draw_keys(rng)
    reads, request_salt = cases.draw_response(rng, keys.method, keys.key)
    answer = driver.ask("client-stream", keys.method.name, keys.secret, request_salt, NOW, reads)
    stream = judge.Client(keys.method, keys.key).take_response(b"".join(reads), request_salt, NOW)
    expect(parts_of(stream_of(answer)), parts_of(stream), f"{keys.method.name}, a response in {len(reads)} reads")
    return 1


def draw_client(rng):
    """The keys of a chain of servers, and of ss-local's user behind them: method, secret, keys."""
    method = METHODS[rng.choice(list(METHODS))]
    count = rng.choice((1, 2, 2, 3, 4)) if method.has_identities else 1
    secrets = [cases.draw_secret(rng, method) for _ in range(count)]
    return method, b":".join(secrets), [method.key_of(secret) for secret in secrets]


def server_behind(method, chain):
    return judge.Server(method, chain[-2], [chain[-1]]) if len(chain) > 1 else judge.Server(method, chain[0])


def judge_sealed_request(rng, driver):
    """What ss-local seals, at the model's server."""
    method, secret, chain = draw_client(rng)
    target = cases.draw_address(rng, literal=True)
    first = rng.randbytes(rng.choice((0, 1, 899, 900, 901, 15871, rng.randrange(15872))))
    later = [rng.randbytes(rng.randrange(1, 70000 if rng.random() < 0.1 else 3000)) for _ in range(rng.randrange(3))]
    wire = driver.ask("request", method.name, secret, NOW, rng.getrandbits(64), target, first, later).bytes()
    what = f"{method.name}, {len(chain)} keys, a sealed request"
    salt, names = wire[:method.key], formats.identity_headers(method, chain, wire[:method.key])
    expect(wire[len(salt):len(salt) + len(names)], names, f"{what}: identity headers")
    passed = salt + names[max(0, len(names) - 16):] + wire[len(salt) + len(names):]  # what the servers in front leave
    try:
        taken = server_behind(method, chain).take_stream([passed], NOW + rng.choice((-30, 30)))
    except Refused as refusal:
        raise Disagreement(f"{what} is refused: {refusal}") from refusal
    expect((target, *parts_of(taken.stream)), (taken.target, "whole", True, b"".join((first, *later))), what)
    if method.is_2022:
        low, high = (1, 900) if not first else (0, 900) if len(first) < 900 else (0, 0)
        expect(low <= taken.padding <= high, True, f"{what}: {taken.padding} bytes of padding before {len(first)}")
    return 1


def expect_padding(method, taken, port, what):
    length = len(taken.payload)
    low, high = (1, 900) if not length else (0, max(0, 900 - length)) if port == 53 else (0, 0)
    if method.is_2022:
        expect(low <= taken.padding <= high, True, f"{what}: {taken.padding} bytes of padding before {length}")


def judge_client_packets(rng, driver):
    """Packets of clients at one ss-server, and its answers."""
    keys = cases.draw_keys(rng)
    method, server = keys.method, judge.Server(keys.method, keys.key, keys.user_keys)
    driver.ask("server", method.name, keys.secret, keys.users, rng.getrandbits(64))
    sessions = [rng.choice((rng.randbytes(8), bytes(8))) if rng.random() < 0.1 else rng.randbytes(8) for _ in range(3)]
    sent, answers, count = [], {}, rng.randrange(3, 12)
    for at in range(count):
        session, chain = rng.choice(sessions[:2] if at < 6 else sessions), cases.draw_chain(rng, keys)
        if sent and rng.random() < 0.15:
            packet = rng.choice(sent)
        else:
            windows = [window.newest for (_, its), window in server.windows.items() if its == session]
            separate = session + formats.u64(cases.draw_packet_id(rng, windows[0] if windows else rng.choice((-1, 0, 5000, (1 << 64) - 2))))
            packet = cases.draw_packet(rng, method, chain, REQUEST, separate)
        sent.append(packet)
        now = NOW + rng.choice((0, 0, 0, 1))
        answer = driver.ask("server-open", packet, now, 1000 + at)
        what = f"{method.name}, {len(keys.users)} users, packet {at} of a client, {len(packet)} bytes"
        try:
            taken = server.take_packet(packet, now)
            verdict = "ok"
        except Refused as refusal:
            verdict = str(refusal)
        expect(answer.text(), verdict, f"{what}: verdict")
        if verdict != "ok":
            continue
        expect((answer.number(), answer.number(), answer.number(), answer.bytes(), answer.bytes()),
               (taken.user, taken.session_id, taken.packet_id, taken.target, taken.payload), what)
        client = answers.setdefault((taken.user, taken.session_id), judge.Client(method, keys.chain(taken.user)[-1], formats.u64(taken.session_id)))
        count += answered(rng, driver, client, taken)
    return count


def answered(rng, driver, client, taken):
    """Asks for answers to a packet, and opens them: how many there were."""
    count = rng.choice((0, 0, 1, 2))
    for _ in range(count):
        source, payload = cases.draw_address(rng, names=False), cases.draw_payload(rng, 1400)
        packet = driver.ask("server-seal", taken.user, taken.session_id, source, payload, 1, NOW).bytes()
        what = f"{client.method.name}, an answer of {len(packet)} bytes"
        try:
            at, padding, text = client.take_packet(packet, NOW + rng.choice((-30, 30)), 0)
        except Refused as refusal:
            raise Disagreement(f"{what} is refused: {refusal}") from refusal
        expect((source, payload), (at, text), what)
        expect_padding(client.method, judge.Accepted(padding=padding, payload=text), formats.number(source[-2:]), what)
    if count and client.windows:
        window = client.windows[next(iter(client.windows))]
        expect((len(client.windows), window.seen), (1, set(range(window.newest + 1))), "session and packet IDs of answers")
    return count


def judge_server_packets(rng, driver):
    """Packets of ss-local, and of servers back to it."""
    method, secret, chain = draw_client(rng)
    driver.ask("client", method.name, secret, rng.getrandbits(64))
    server, count = server_behind(method, chain), rng.choice((1, 1, 2, 5))
    for at in range(count):
        sealed = sealed_packet(rng, driver, method, chain, server)
        expect(sealed.packet_id, at if method.is_2022 else 0, "the packet ID")
    expect(len(server.windows), int(method.is_2022), "sessions of one association")

    client = judge.Client(method, chain[-1], formats.u64(sealed.session_id))
    newest, sent, mono = {rng.randbytes(8): 0 for _ in range(4)}, [], 0
    for at in range(rng.randrange(3, 12)):
        key = [rng.choice((chain[0], rng.randbytes(method.key)))] if rng.random() < 0.05 else chain[-1:]
        session = rng.choice(list(newest)[:2 if at < 3 else 4])
        separate = session + formats.u64(cases.draw_packet_id(rng, newest[session] - 1))
        if sent and rng.random() < 0.15:
            packet = rng.choice(sent)
        else:
            packet = cases.draw_packet(rng, method, key, RESPONSE, separate, client.session_id)
        sent.append(packet)
        mono += rng.choice((0, 0, 1, 30, 31, 61, 62, 63))
        answer = driver.ask("client-open", packet, NOW, mono)
        try:
            source, _, payload = client.take_packet(packet, NOW, mono)
            verdict = "ok"
            newest[session] = max(newest[session], client.windows[session].newest + 1 if session in client.windows else 0)
        except Refused as refusal:
            verdict = str(refusal)
        what = f"{method.name}, packet {at} of a server, {len(packet)} bytes, at {mono} s"
        expect(answer.text(), verdict, f"{what}: verdict")
        if verdict == "ok":
            expect((answer.bytes(), answer.bytes()), (source, payload), what)
        count += 1
    return count


def sealed_packet(rng, driver, method, chain, server):
    """A packet that ss-local seals, opened by `server`, the last behind the chain."""
    target, payload = cases.draw_address(rng, literal=True), cases.draw_payload(rng, 1400)
    packet = driver.ask("client-seal", target, payload, NOW).bytes()
    what = f"{method.name}, {len(chain)} keys, a sealed packet of {len(packet)} bytes"
    for key, after in zip(chain, chain[1:-1]):  # what the servers in front leave
        separate = primitives.block_decrypt(key, packet[:16])
        expect(formats.xor(primitives.block_decrypt(key, packet[16:32]), separate), formats.hash16(after), f"{what}: an identity header")
        packet = primitives.block_encrypt(after, separate) + packet[32:]
    try:
        taken = server.take_packet(packet, NOW + rng.choice((-30, 30)))
    except Refused as refusal:
        raise Disagreement(f"{what} is refused: {refusal}") from refusal
    expect((target, payload), (taken.target, taken.payload), what)
    expect_padding(method, taken, formats.number(target[-2:]), what)
    return taken


KINDS = (judge_request,) * 6 + (judge_response,) * 4 + (judge_sealed_request,) * 2 + (judge_client_packets, judge_server_packets)


def run_case(driver, seed, case):
    """How many messages it was."""
    rng = random.Random(f"{seed}:{case}")
    return rng.choice(KINDS)(rng, driver)


def run(messages, seed, first=0):
    """Runs cases until that many messages have been judged. Returns messages and cases."""
    judged, case = 0, first
    with driving() as driver:
        while judged < messages:
            try:
                judged += run_case(driver, seed, case)
            except Disagreement as found:
                raise Disagreement(f"seed {seed}, case {case}: {found}\n"
                                   f"  again: python3 tests/model/agree_test.py --seed {seed} --case {case}") from None
            case += 1
    return judged, case - first


def vectors(name):
    return json.loads((ROOT / "tests/vectors" / f"{name}.json").read_text())


@unittest.skipIf(primitives.missing(), primitives.missing())
class ModelTest(unittest.TestCase):
    def test_primitives_match_the_vectors(self):
        for case in vectors("blake3")["cases"]:
            if case["input_len"] <= 64:
                self.assertEqual(primitives.blake3(bytes(range(case["input_len"]))).hex(), case["hash"][:64])
        for case in vectors("blake3")["shadowsocks"]["cases"]:
            method = next(method for method in METHODS.values() if method.is_2022 and method.key == case["key_len"])
            key, salt = bytes.fromhex(case["psk"]), bytes.fromhex(case["salt"])
            self.assertEqual(method.subkey(key, salt).hex(), case["session_subkey"])
            if "psk_hash16" in case:
                self.assertEqual(formats.identity_subkey(method, key, salt).hex(), case["identity_subkey"])
                self.assertEqual(formats.hash16(key).hex(), case["psk_hash16"])

    def test_model_takes_the_streams_of_the_vectors(self):
        for vector in vectors("aead_tcp")["methods"] + vectors("aead2022_tcp")["methods"]:
            method = METHODS[vector["method"]]
            key = bytes.fromhex(vector["psk" if method.is_2022 else "master_key"])
            for request in vector["requests"]:
                taken = judge.Server(method, key).take_stream([bytes.fromhex(request["stream"])], NOW)
                self.assertEqual(taken.stream, Stream(bytes.fromhex(request["payload_to_target"])))

    def test_model_refuses_what_the_vectors_refuse(self):
        for vector in vectors("aead2022_tcp")["methods"]:
            server = judge.Server(METHODS[vector["method"]], bytes.fromhex(vector["psk"]))
            for case in vector["rejects"]:
                try:
                    verdict = "accept" if server.take_stream([bytes.fromhex(case["stream"])], NOW) else "reject"
                except Refused:
                    verdict = "reject"
                self.assertIn(case["expect"], (verdict, "either"), case["name"])

    def test_model_takes_the_packets_of_the_vectors(self):
        for vector in vectors("aead_udp")["methods"] + vectors("aead2022_udp")["methods"]:
            method = METHODS[vector["method"]]
            server = judge.Server(method, bytes.fromhex(vector["psk"]) if method.is_2022 else method.key_of(vector["password"].encode()))
            for case in vector["client_packets" if method.is_2022 else "packets"]:
                self.assertEqual(server.take_packet(bytes.fromhex(case["packet"]), NOW).payload.hex(), case["payload"])


@unittest.skipIf(primitives.missing(), primitives.missing())
class AgreeTest(unittest.TestCase):
    def test_both_sides_agree(self):
        messages, count = run(MESSAGES, SEED)
        print(f"{messages} messages in {count} cases agree, seed {SEED}")

    def test_a_model_that_is_wrong_in_one_place_is_noticed(self):
        def literal_name(_):
            return None
        for where, name, wrong in ((formats, "MOST_APART", 31), (formats, "MOST_APART", 29), (formats, "MOST_EMPTY", 15), (formats, "MOST_EMPTY", 17),
                                   (judge, "WINDOW", 1983), (judge, "WINDOW", 1985), (judge, "TIMELY", 61), (judge, "TIMELY", 63),
                                   (formats, "_literal", literal_name), (formats, "SESSION", b"shadowsocks 2022 session subkez"),
                                   (formats, "IDENTITY", b"shadowsocks 2022 identity subkez")):
            with self.subTest(name=name, wrong=wrong), mock.patch.object(where, name, wrong):
                with self.assertRaises(Disagreement):
                    run(MESSAGES, SEED)


def main():
    if not sys.argv[1:] or not sys.argv[1].startswith("--"):
        unittest.main()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=MESSAGES)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--case", type=int)
    options = parser.parse_args()
    try:
        if options.case is None:
            judged, count = run(options.messages, options.seed)
        else:
            judged, count = run(1, options.seed, options.case)
    except Disagreement as found:
        sys.exit(str(found))
    print(f"{judged} messages in {count} cases agree, seed {options.seed}")


if __name__ == "__main__":
    main()
