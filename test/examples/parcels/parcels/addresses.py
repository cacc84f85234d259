"""Addresses as people type them, and as carriers need them."""

import re
from dataclasses import dataclass

POSTCODES = {
    "DE": re.compile(r"^\d{5}$"),
    "NL": re.compile(r"^\d{4} ?[A-Z]{2}$"),
    "GB": re.compile(r"^[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$"),
    "US": re.compile(r"^\d{5}(-\d{4})?$"),
}


class AddressError(ValueError):
    """The address cannot be delivered to as it stands."""


@dataclass(frozen=True)
class Address:
    name: str
    street: str
    postcode: str
    city: str
    country: str

    def lines(self):
        """The block that goes on a label."""
        return [self.name, self.street, f"{self.postcode} {self.city}", self.country]

    def is_domestic(self, home):
        return self.country == home.country

    def same_city(self, other):
        return self.is_domestic(other) and self.city.casefold() == other.city.casefold()


def normalize_postcode(postcode, country):
    """Upper case, single inner blank where the country has one."""
    compact = postcode.upper().replace(" ", "")
    if country == "NL":
        return f"{compact[:4]} {compact[4:]}"
    if country == "GB":
        return f"{compact[:-3]} {compact[-3:]}"
    return compact


def check_postcode(postcode, country):
    """Raise AddressError unless the postcode has the shape of its country."""
    pattern = POSTCODES.get(country)
    if pattern is not None and not pattern.match(postcode):
        raise AddressError(f"{postcode!r} is no postcode of {country}")


def parse_address(text):
    """Read name, street, postcode with city, and country from the lines of a text."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) < 4:
        raise AddressError(f"expected 4 lines, found {len(lines)}")
    name, street, place, country = lines[0], lines[1], lines[-2], lines[-1].upper()
    postcode, city = split_place(place, country)
    check_postcode(postcode, country)
    return Address(name, street, postcode, city, country)


def split_place(place, country):
    """Part a line such as "1012 AB Amsterdam" into postcode and city."""
    words = place.split()
    size = 2 if country in ("NL", "GB") and len(words) > 2 else 1
    postcode = normalize_postcode(" ".join(words[:size]), country)
    city = " ".join(words[size:])
    if not city:
        raise AddressError(f"no city in {place!r}")
    return postcode, city
