"""Labels for the desk's printer: plain text, fixed width."""

from .money import format_cents

WIDTH = 36


def wrap(text, width=WIDTH):
    """Break a line at blanks; a word longer than the line is cut."""
    lines, current = [], ""
    for word in text.split():
        while len(word) > width:
            if current:
                lines.append(current)
                current = ""
            lines.append(word[:width])
            word = word[width:]
        candidate = f"{current} {word}".strip()
        if len(candidate) > width:
            lines.append(current)
            current = word
        else:
            current = candidate
    if current:
        lines.append(current)
    return lines


def frame(lines, width=WIDTH):
    edge = "+" + "-" * (width + 2) + "+"
    return "\n".join([edge, *(f"| {line:<{width}} |" for line in lines), edge])


def label(address, number, total_cents, width=WIDTH):
    """The label of one parcel."""
    body = []
    for line in address.lines():
        body.extend(wrap(line, width))
    body.extend(["", number, f"paid {format_cents(total_cents)}"])
    return frame(body, width)
