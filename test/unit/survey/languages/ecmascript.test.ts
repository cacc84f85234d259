import { describe, expect, it } from "vitest";
import { functionsOf } from "../one-file.ts";

const JAVASCRIPT = `export default function () { return 1; }
function plain() { function nested() {} }
async function* generator() {}
const arrow = async (a) => a, expression = function () {}, wrapped = (() => 1);
const api = { list: () => 1, get() {}, 'quoted-key': function () {}, deep: { save() {} }, [Symbol.iterator]() {} };
class A extends B {
  constructor() { super(); this.bound = () => 1; }
  static #secret = () => {};
  handler = async function () {};
  get x() { return 1; }
  set x(v) {}
  static { init(() => {}); }
}
module.exports = function () {};
A.prototype.patched = () => {};
cache ??= () => {};
items.map((item) => item).forEach(function named() {});
const Named = class { run() {} };
function plain() {}
`;

describe("JavaScript", () => {
  it("finds declarations, members and functions bound to a name", async () => {
    expect(await functionsOf("a.js", JAVASCRIPT)).toEqual([
      "default 1-1",
      "plain 2-2",
      "plain.nested 2-2",
      "generator 3-3",
      "arrow 4-4",
      "expression 4-4",
      "wrapped 4-4",
      "api.list 5-5",
      "api.get 5-5",
      "api.quoted-key 5-5",
      "api.deep.save 5-5",
      "api.[Symbol.iterator] 5-5",
      "A.constructor 7-7",
      "A.constructor.bound 7-7",
      "A.#secret 8-8",
      "A.handler 9-9",
      "A.x 10-10",
      "A.x#2 11-11",
      "module.exports 14-14",
      "A.prototype.patched 15-15",
      "cache 16-16",
      "named 17-17",
      "Named.run 18-18",
      "plain#2 19-19",
    ]);
  });

  it.each(["a.mjs", "a.cjs", "a.jsx", "a.ts", "a.mts", "a.tsx"])("finds the same in %s", async (path) => {
    expect(await functionsOf(path, JAVASCRIPT)).toEqual(await functionsOf("a.js", JAVASCRIPT));
  });
});

describe("TypeScript", () => {
  it("counts an overloaded function once and leaves out what has no body", async () => {
    const source = `function over(a: string): void;
function over(a: number): void;
function over(a: unknown): void {}
abstract class A {
  constructor(a: string);
  constructor(a: unknown) {}
  abstract missing(): void;
  @dec() private async *gen<T>(a: T) {}
  prop = <T,>(a: T) => a;
}
declare function ambient(): void;
namespace N.M { export function inside() {} }
const cast = (() => 1) as () => number, sure = (() => 1)!, kept = (() => 1) satisfies unknown;
const old = <any>(() => 1);
interface I { method(): void }
`;
    expect(await functionsOf("a.ts", source)).toEqual([
      "over 3-3",
      "A.constructor 6-6",
      "A.gen 8-8",
      "A.prop 9-9",
      "N.M.inside 12-12",
      "cast 13-13",
      "sure 13-13",
      "kept 13-13",
      "old 14-14",
    ]);
  });

  it("reads elements in TSX", async () => {
    const source =
      "export const App = () => <div onClick={() => go()}>{list.map((x) => <Item {...x} />)}</div>;\nfunction Item<T,>(p: T) { return <b/>; }\n";
    expect(await functionsOf("a.tsx", source)).toEqual(["App 1-1", "Item 2-2"]);
  });
});
