"""What a server that was killed may have kept: decided purely, so that the judge can be judged.

For each document the model knows the states it may be in: after an acknowledged write exactly the one written, while
a write is under way the one before or the one written. A state is the document's sequence number, or None where there
is no document.
"""

import hashlib
import threading


def document(identifier, partition, sequence):
    """The whole document is a function of these three, so a torn or mixed one cannot pass for whole."""
    digest = hashlib.sha256(f"{identifier} {partition} {sequence}".encode()).hexdigest()
    return {
        "id": identifier,
        "pk": partition,
        "sequence": sequence,
        "padding": digest * (1 + int(digest[:2], 16) % 32),
        "nested": {"first": digest[:8], "list": [sequence, digest[8:16], None, True, {"last": digest[-8:]}]},
    }


def without_system_properties(found):
    return {name: value for name, value in found.items() if not name.startswith("_")}


class CrashModel:
    def __init__(self):
        self.lock = threading.Lock()
        self.allowed = {}  # (partition, id) -> set of states
        self.pairs = set()  # (partition, id, id): in one atomic batch that has no answer yet

    def begin(self, partition, identifier, state):
        with self.lock:
            self.allowed.setdefault((partition, identifier), {None}).add(state)

    def acknowledge(self, partition, identifier, state):
        with self.lock:
            self.allowed[(partition, identifier)] = {state}

    def begin_pair(self, partition, first, second):
        for identifier in [first, second]:
            self.begin(partition, identifier, 1)
        with self.lock:
            self.pairs.add((partition, first, second))

    def acknowledge_pair(self, partition, first, second):
        for identifier in [first, second]:
            self.acknowledge(partition, identifier, 1)
        with self.lock:
            self.pairs.remove((partition, first, second))

    def settle(self, found):
        """After a judgement: what was found is from here on what is."""
        for place in self.allowed:
            self.allowed[place] = {found[place]["sequence"] if place in found else None}
        self.pairs = set()

    def faults(self, found):
        """What is wrong with `found`, a mapping of (partition, id) to the document that the server gave back."""
        faults = []
        for place, states in self.allowed.items():
            partition, identifier = place
            item = found.get(place)
            if item is None:
                if None not in states:
                    faults.append(f"{place} is lost: {states} was acknowledged")
                continue
            if item.get("sequence") not in states:
                faults.append(f"{place} is at {item.get('sequence')}, allowed was {states}")
            elif without_system_properties(item) != document(identifier, partition, item["sequence"]):
                faults.append(f"{place} is not whole")
        for place in found.keys() - self.allowed.keys():
            faults.append(f"{place} was never written")
        for partition, first, second in self.pairs:
            if ((partition, first) in found) != ((partition, second) in found):
                faults.append(f"of the batch {first}, {second} only a half is there")
        return faults
