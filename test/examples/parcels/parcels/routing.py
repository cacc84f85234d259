"""Which depots a parcel passes, and when it arrives."""

import heapq
from datetime import date, timedelta


class NoRoute(LookupError):
    pass


class Network:
    """Depots and the lines between them; a line costs whole hours."""

    def __init__(self):
        self._lines = {}

    def connect(self, here, there, hours):
        """Add a line in both directions; the faster of two wins."""
        if hours <= 0:
            raise ValueError("a line takes at least an hour")
        for start, end in ((here, there), (there, here)):
            known = self._lines.setdefault(start, {})
            known[end] = min(hours, known.get(end, hours))

    def depots(self):
        return sorted(self._lines)

    def route(self, start, end):
        """The fastest way as (hours, [depots])."""
        queue = [(0, start, [start])]
        settled = set()
        while queue:
            hours, depot, path = heapq.heappop(queue)
            if depot == end:
                return hours, path
            if depot in settled:
                continue
            settled.add(depot)
            for neighbour, cost in self._lines.get(depot, {}).items():
                if neighbour not in settled:
                    heapq.heappush(queue, (hours + cost, neighbour, [*path, neighbour]))
        raise NoRoute(f"no way from {start} to {end}")


def zone_between(sender, receiver, union=("DE", "NL", "FR", "BE")):
    """Tariff zone of a shipment."""
    if sender.same_city(receiver):
        return "A"
    if receiver.is_domestic(sender):
        return "B"
    if sender.country in union and receiver.country in union:
        return "C"
    return "D"


def is_working_day(day, holidays=()):
    return day.weekday() < 5 and day not in holidays


def delivery_date(posted, hours, holidays=()):
    """The working day on which a parcel posted on `posted` arrives after `hours` on the road."""
    days = max(1, -(-hours // 24))
    day = posted
    while days > 0:
        day += timedelta(days=1)
        if is_working_day(day, holidays):
            days -= 1
    return day


def cutoff_passed(hour, minute=0, cutoff="16:30"):
    """Whether today's van has left."""
    cutoff_hour, cutoff_minute = (int(part) for part in cutoff.split(":"))
    return (hour, minute) >= (cutoff_hour, cutoff_minute)


def today_or_next(hour, minute, today=None):
    """The day from which the way of a parcel handed in now counts."""
    day = today or date.today()
    return day + timedelta(days=1) if cutoff_passed(hour, minute) else day
