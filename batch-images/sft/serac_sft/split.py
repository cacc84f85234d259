"""Which samples are held out: by their function, so that no function is on both sides."""

from __future__ import annotations

import hashlib

# Of fewer samples none is held out unless the share asks for a whole one: each counts.
FEW = 10
# Where every function has more samples than the share asks for, the smallest is held out if it is no more than this.
MOST = 0.2


def hold_out(groups: list[str], share: float, seed: int) -> frozenset[int]:
    """
    Places of about `share` of the samples; `groups` says whose each is. Only share, seed and groups decide. At least one function
    stays on the other side; none is held out where functions are too large for that.
    """
    target = round(share * len(groups))
    if target == 0 and share > 0 and len(groups) >= FEW:
        target = 1
    members: dict[str, list[int]] = {}
    for place, group in enumerate(groups):
        members.setdefault(group, []).append(place)
    if target == 0 or len(members) < 2:
        return frozenset()
    drawn = sorted(members, key=lambda group: hashlib.sha256(f"{seed}\0{group}".encode()).digest())
    held: list[int] = []
    for group in drawn[:-1]:
        if len(held) + len(members[group]) <= target:
            held += members[group]
    smallest = members[min(drawn[:-1], key=lambda group: len(members[group]))]
    if not held and len(smallest) <= max(share, MOST) * len(groups):
        return frozenset(smallest)
    return frozenset(held)
