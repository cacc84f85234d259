import { expect, it } from "vitest";
import { functionsOf } from "../one-file.ts";

it("finds Java's methods and constructors in every kind of type", async () => {
  const source = `class A<T> {
  A() { super(); }
  static { x(); }
  @Override
  public String toString() { return "A"; }
  void run() {
    Runnable r = new Runnable() { public void run() {} };
    class Local { void deep() {} }
    Runnable lambda = () -> {};
  }
  void run(int a) {}
  abstract void missing();
  native void elsewhere();
  interface I { default void d() {} void e(); }
  enum E { X { void own() {} }; E() {} void f() {} }
  record R(int a) { R { } static int s() { return 1; } }
}
`;
  expect(await functionsOf("A.java", source)).toEqual([
    "A.A 2-2",
    "A.toString 4-5",
    "A.run 6-10",
    "A.run.run 7-7",
    "A.run.Local.deep 8-8",
    "A.run#2 11-11",
    "A.I.d 14-14",
    "A.E.X.own 15-15",
    "A.E.E 15-15",
    "A.E.f 15-15",
    "A.R.R 16-16",
    "A.R.s 16-16",
  ]);
});
