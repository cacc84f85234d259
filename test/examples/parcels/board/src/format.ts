import type { State } from "./shipments.ts";

const LABELS: Record<State, string> = {
  announced: "announced",
  accepted: "at the desk",
  in_transit: "on the road",
  out_for_delivery: "in the van",
  delivered: "delivered",
  returned: "sent back",
  lost: "lost",
  held: "held",
};

export function stateLabel(state: State): string {
  return LABELS[state];
}

/** "3 min ago", "2 h ago", "5 d ago". */
export function ago(iso: string, now: Date): string {
  const minutes = Math.max(0, Math.floor((now.getTime() - Date.parse(iso)) / 60_000));
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ago` : `${Math.floor(hours / 24)} d ago`;
}

/** Keeps both ends of a tracking number readable in a narrow column. */
export function shorten(text: string, width: number): string {
  if (text.length <= width) return text;
  if (width < 3) return text.slice(0, width);
  const head = Math.ceil((width - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (width - 1 - head))}`;
}

export function padCell(text: string, width: number): string {
  return shorten(text, width).padEnd(width);
}
