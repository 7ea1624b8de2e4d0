"""Verifies an exported ledger, checkpoints and proofs by their documented octets alone.

usage: verify_ledger.py VERIFIER-KEY [--ledger FILE] [--checkpoint FILE]... [--proof FILE]...
"""
import base64, hashlib, json, sys
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

sha = lambda *parts: hashlib.sha256(b"".join(parts)).digest()
line_digest = lambda before, entry: sha(before.encode(), b"\n", entry.encode())
leaf, node = (lambda digest: sha(b"\0", digest)), (lambda left, right: sha(b"\1", left, right))

def root(leaves):  # RFC 6962, section 2.1
    if len(leaves) < 2:
        return leaves[0] if leaves else sha()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node(root(leaves[:split]), root(leaves[split:]))

def checkpoint(text, name, key):
    note, signatures = text.split("\n\n", 1)
    note += "\n"
    public = base64.b64decode(key)
    assert public[0] == 1, "not Ed25519"
    signed = next(s for s in signatures.splitlines() if s.startswith(f"— {name} "))
    octets = base64.b64decode(signed.rsplit(" ", 1)[1])
    assert octets[:4] == sha(name.encode(), b"\n", public)[:4], "signed with another key"
    Ed25519PublicKey.from_public_bytes(public[1:]).verify(octets[4:], note.encode())
    origin, size, top, *_ = note.splitlines()
    assert origin == name
    return int(size), base64.b64decode(top)

def included(seq, size, digest, path, top):  # RFC 9162, section 2.1.3.2
    index, last, found = seq - 1, size - 1, leaf(digest)
    assert 0 <= index <= last
    for other in path:
        assert last, "the path is too long"
        if index & 1 or index == last:
            found = node(other, found)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            found = node(found, other)
        index, last = index >> 1, last >> 1
    assert last == 0 and found == top, "the line is not under the root"

def grew(older, newer, path):  # RFC 9162, section 2.1.4.2
    (size, top), (new_size, new_top) = older, newer
    if size in (0, new_size):
        assert not path and top == (sha() if size == 0 else new_top)
        return
    assert 0 < size < new_size
    path = ([top] if size & (size - 1) == 0 else []) + path
    index, last = size - 1, new_size - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    first = second = path[0]
    for other in path[1:]:
        assert last
        if index & 1 or index == last:
            first, second = node(other, first), node(other, second)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            second = node(second, other)
        index, last = index >> 1, last >> 1
    assert last == 0 and (first, second) == (top, new_top), "the newer ledger is not the older one with lines added"

name, _, key = sys.argv[1].strip().split("+", 2)
digests, before, prefix = [], "", '{"seq":%d,"entry":'
for option, file in zip(sys.argv[2::2], sys.argv[3::2]):
    text = open(file, encoding="utf-8", newline="").read()
    if option == "--ledger":
        for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
            start = prefix % number
            entry, digest = line[len(start):-77], line[-66:-2]
            assert line == f'{start}{entry},"digest":"{digest}"}}', f"line {number} cannot be read, or is out of order"
            assert line_digest(before, entry).hex() == digest, f"line {number} was changed"
            json.loads(entry)
            digests.append(bytes.fromhex(digest))
            before = digest
        print(f"{len(digests)} lines: the chain holds")
    elif option == "--checkpoint":
        size, top = checkpoint(text, name, key)
        assert size <= len(digests), f"the lines from {len(digests) + 1} to {size} are missing"
        assert root([leaf(digest) for digest in digests[:size]]) == top, f"not what was signed, up to line {size}"
        print(f"the first {size} lines are what was signed")
    elif option == "--proof":
        proof = json.loads(text)
        path = [bytes.fromhex(digest) for digest in proof["path"]]
        if proof["kind"] == "line":
            size, top = checkpoint(proof["checkpoint"], name, key)
            assert (proof["before"] == "") == (proof["seq"] == 1)
            included(proof["seq"], size, line_digest(proof["before"], proof["entry"]), path, top)
            print(f"line {proof['seq']} of {size} is {proof['entry']}")
        else:
            grew(checkpoint(proof["older"], name, key), checkpoint(proof["newer"], name, key), path)
            print("the ledger only grew")
