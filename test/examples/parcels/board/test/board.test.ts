import assert from "node:assert/strict";
import { test } from "node:test";
import { Board, totals } from "../src/board.ts";
import { ago, shorten } from "../src/format.ts";
import { search, type Shipment } from "../src/shipments.ts";

const now = new Date("2026-03-02T12:00:00Z");

const shipment = (change: Partial<Shipment> = {}): Shipment => ({
  number: "PK00000047DE",
  state: "in_transit",
  depot: "berlin",
  updatedAt: "2026-03-02T11:00:00Z",
  expectedAt: null,
  ...change,
});

test("older news is ignored", () => {
  const board = new Board();
  assert.equal(board.update(shipment()), true);
  assert.equal(board.update(shipment({ state: "accepted", updatedAt: "2026-03-02T10:00:00Z" })), false);
  assert.equal(board.page(0)[0]?.state, "in_transit");
});

test("pages", () => {
  const board = new Board(2);
  for (let serial = 0; serial < 5; serial += 1)
    board.update(shipment({ number: `PK${serial}`, updatedAt: `2026-03-02T0${serial}:00:00Z` }));
  assert.equal(board.pages(), 3);
  assert.deepEqual(
    board.page(1).map(({ number }) => number),
    ["PK2", "PK1"],
  );
});

test("totals count what is late", () => {
  const late = shipment({ expectedAt: "2026-03-01T12:00:00Z" });
  assert.deepEqual(totals([late, shipment({ state: "delivered" })], now), { open: 1, late: 1, delivered: 1 });
});

test("the busiest depot", () => {
  const board = new Board();
  assert.equal(board.busiestDepot(), null);
  board.update(shipment({ number: "a" }));
  board.update(shipment({ number: "b", depot: "bremen" }));
  board.update(shipment({ number: "c", depot: "bremen" }));
  assert.equal(board.busiestDepot(), "bremen");
});

test("a row fits the display", () => {
  const board = new Board();
  board.update(shipment({ expectedAt: "2026-03-01T12:00:00Z" }));
  assert.equal(board.render(0, now), "! PK00000047DE  on the road  berlin     1 h ago");
});

test("words", () => {
  assert.equal(ago("2026-03-02T11:59:50Z", now), "just now");
  assert.equal(ago("2026-02-27T11:00:00Z", now), "3 d ago");
  assert.equal(shorten("PK00000047DE", 7), "PK0…7DE");
  assert.equal(shorten("PK00000047DE", 2), "PK");
});

test("search takes every word", () => {
  const all = [shipment(), shipment({ number: "X", depot: "bremen" })];
  assert.deepEqual(search(all, "BREMEN transit"), [all[1]]);
});
