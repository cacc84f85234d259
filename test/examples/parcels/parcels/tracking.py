"""A shipment's history, and what it says."""

from dataclasses import dataclass
from datetime import datetime, timedelta

ORDER = ["announced", "accepted", "in_transit", "out_for_delivery", "delivered"]
SIDE_WAYS = {"returned", "lost", "held"}


@dataclass(frozen=True)
class Scan:
    at: datetime
    state: str
    depot: str


class Shipment:
    def __init__(self, number, expected=None):
        if not check_number(number):
            raise ValueError(f"{number!r} is no tracking number")
        self.number = number
        self.expected = expected
        self._scans = []

    def record(self, scan):
        """Take a scan in; scanners deliver late and twice."""
        if scan.state not in ORDER and scan.state not in SIDE_WAYS:
            raise ValueError(f"unknown state {scan.state!r}")
        if scan in self._scans:
            return False
        self._scans.append(scan)
        self._scans.sort(key=lambda known: known.at)
        return True

    def history(self):
        return tuple(self._scans)

    def state(self):
        """Where the shipment stands: the latest scan counts."""
        return self._scans[-1].state if self._scans else "announced"

    def is_final(self):
        return self.state() in {"delivered", "returned", "lost"}

    def is_late(self, now):
        """Expected before `now`, and still on its way."""
        return self.expected is not None and not self.is_final() and now > self.expected

    def dwell_times(self):
        """How long the shipment lay at each depot."""
        spans = {}
        for scan, following in zip(self._scans, self._scans[1:]):
            spans[scan.depot] = spans.get(scan.depot, timedelta()) + (following.at - scan.at)
        return spans


def check_digit(digits):
    """Weighted sum modulo 11, as on the label; 10 is written 0."""
    weights = [8, 6, 4, 2, 3, 5, 9, 7]
    rest = sum(weight * int(digit) for weight, digit in zip(weights, digits)) % 11
    return {0: 5, 1: 0}.get(rest, 11 - rest)


def check_number(number):
    """Two letters, eight digits, their check digit, two letters."""
    if len(number) != 13 or not number[2:11].isdigit():
        return False
    if not (number[:2] + number[11:]).isalpha():
        return False
    return check_digit(number[2:10]) == int(number[10])


def make_number(serial, prefix="PK", country="DE"):
    digits = f"{serial:08d}"[-8:]
    return f"{prefix}{digits}{check_digit(digits)}{country}"
