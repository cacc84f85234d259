export type State = "announced" | "accepted" | "in_transit" | "out_for_delivery" | "delivered" | "returned" | "lost" | "held";

export interface Shipment {
  number: string;
  state: State;
  depot: string;
  /** ISO 8601 */
  updatedAt: string;
  expectedAt: string | null;
}

const FINAL: readonly State[] = ["delivered", "returned", "lost"];

export function isOpen(shipment: Shipment): boolean {
  return !FINAL.includes(shipment.state);
}

export function isLate(shipment: Shipment, now: Date): boolean {
  if (shipment.expectedAt === null || !isOpen(shipment)) return false;
  return new Date(shipment.expectedAt).getTime() < now.getTime();
}

/** Newest first; equal times keep the order in which they came. */
export const byUpdate = (shipments: readonly Shipment[]): Shipment[] =>
  shipments.toSorted((a, b) => Date.parse(b.updatedAt) - Date.parse(a.updatedAt));

export function groupByDepot(shipments: readonly Shipment[]): Map<string, Shipment[]> {
  const groups = new Map<string, Shipment[]>();
  for (const shipment of shipments) {
    const group = groups.get(shipment.depot) ?? [];
    group.push(shipment);
    groups.set(shipment.depot, group);
  }
  return groups;
}

/** Shipments whose number, depot or state holds every word of the search. */
export function search(shipments: readonly Shipment[], query: string): Shipment[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return shipments.filter((shipment) => {
    const text = `${shipment.number} ${shipment.depot} ${shipment.state}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
