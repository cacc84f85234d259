"""What a parcel costs."""

from dataclasses import dataclass, field

from .money import percentage

# Cents for the first kilogram, and for each begun kilogram after it.
TARIFF = {"A": (390, 40), "B": (540, 75), "C": (1290, 210), "D": (2450, 480)}
VOLUMETRIC_DIVISOR = 5000
MAX_GRAMS = 31_500


class TooHeavy(ValueError):
    pass


@dataclass
class Parcel:
    grams: int
    length: int
    width: int
    height: int
    value_cents: int = 0
    services: list = field(default_factory=list)

    def volumetric_grams(self):
        """The weight that the carriers charge for light, bulky parcels; lengths are millimetres."""
        cubic_centimetres = self.length * self.width * self.height / 1000
        return round(cubic_centimetres / VOLUMETRIC_DIVISOR * 1000)

    def billable_grams(self):
        return max(self.grams, self.volumetric_grams())

    def girth(self):
        """Longest side plus the way around the other two."""
        longest, *others = sorted([self.length, self.width, self.height], reverse=True)
        return longest + 2 * sum(others)


def base_price(zone, grams):
    """Tariff price in cents."""
    if grams > MAX_GRAMS:
        raise TooHeavy(f"{grams} g is over the limit of {MAX_GRAMS} g")
    first, further = TARIFF[zone]
    begun = -(-grams // 1000)
    return first + further * max(0, begun - 1)


def surcharges(parcel):
    """Extra services and awkward shapes, as (reason, cents)."""
    extra = []
    if parcel.girth() > 3000:
        extra.append(("bulky", 990))
    if "signature" in parcel.services:
        extra.append(("signature", 150))
    if "insurance" in parcel.services:
        extra.append(("insurance", max(200, percentage(parcel.value_cents, 1.5))))
    return extra


def discount_percent(parcels_this_month):
    """Volume discount of a regular sender."""
    for threshold, percent in ((500, 12), (100, 7), (20, 3)):
        if parcels_this_month >= threshold:
            return percent
    return 0


def quote(parcel, zone, parcels_this_month=0):
    """Price a parcel: the lines of the offer and their total, in cents."""
    lines = [("carriage", base_price(zone, parcel.billable_grams()))]
    lines.extend(surcharges(parcel))
    rebate = percentage(lines[0][1], discount_percent(parcels_this_month))
    if rebate:
        lines.append(("discount", -rebate))
    return {"lines": lines, "total": sum(cents for _, cents in lines)}
