import { ago, padCell, stateLabel } from "./format.ts";
import { byUpdate, groupByDepot, isLate, isOpen, type Shipment } from "./shipments.ts";

export interface Totals {
  open: number;
  late: number;
  delivered: number;
}

export function totals(shipments: readonly Shipment[], now: Date): Totals {
  return {
    open: shipments.filter(isOpen).length,
    late: shipments.filter((shipment) => isLate(shipment, now)).length,
    delivered: shipments.filter((shipment) => shipment.state === "delivered").length,
  };
}

/** One page of the wall display. */
export class Board {
  #shipments = new Map<string, Shipment>();
  readonly rows: number;

  constructor(rows = 12) {
    if (rows < 1) throw new RangeError("a board has at least one row");
    this.rows = rows;
  }

  /** Takes news in; older news about a shipment is ignored. */
  update(shipment: Shipment): boolean {
    const known = this.#shipments.get(shipment.number);
    if (known !== undefined && Date.parse(known.updatedAt) >= Date.parse(shipment.updatedAt)) return false;
    this.#shipments.set(shipment.number, shipment);
    return true;
  }

  get size(): number {
    return this.#shipments.size;
  }

  page(index: number): Shipment[] {
    const sorted = byUpdate([...this.#shipments.values()]);
    return sorted.slice(index * this.rows, (index + 1) * this.rows);
  }

  pages(): number {
    return Math.max(1, Math.ceil(this.size / this.rows));
  }

  busiestDepot(): string | null {
    const groups = [...groupByDepot([...this.#shipments.values()].filter(isOpen))];
    const sorted = groups.toSorted(([a, x], [b, y]) => y.length - x.length || a.localeCompare(b));
    return sorted[0]?.[0] ?? null;
  }

  render(index: number, now: Date): string {
    const lines = this.page(index).map((shipment) => {
      const mark = isLate(shipment, now) ? "!" : " ";
      return `${mark} ${padCell(shipment.number, 13)} ${padCell(stateLabel(shipment.state), 12)} ${padCell(shipment.depot, 10)} ${ago(shipment.updatedAt, now)}`;
    });
    return lines.join("\n");
  }
}
