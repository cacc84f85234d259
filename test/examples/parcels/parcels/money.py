"""Amounts in whole cents: no floats, no surprises."""

from decimal import ROUND_HALF_UP, Decimal


def to_cents(text):
    """Read "12.30" or "1,204.5" as cents."""
    cleaned = text.replace(",", "").strip()
    return int((Decimal(cleaned) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def format_cents(cents, currency="EUR"):
    """Write cents the way they stand on an invoice."""
    sign = "-" if cents < 0 else ""
    whole, rest = divmod(abs(cents), 100)
    return f"{sign}{whole:,}.{rest:02d} {currency}"


def percentage(cents, percent):
    """A share of an amount, rounded half up to whole cents."""
    share = Decimal(cents) * Decimal(str(percent)) / 100
    return int(share.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def split_evenly(cents, parts):
    """Share an amount so that the parts add up to it again; the first parts take the odd cents."""
    if parts < 1:
        raise ValueError("parts must be at least 1")
    base, odd = divmod(cents, parts)
    return [base + 1 if index < odd else base for index in range(parts)]
