import { expect, it } from "vitest";
import { functionsOf } from "../one-file.ts";

it("finds Python's nested, decorated, async and overloaded functions", async () => {
  const source = `@decorated(
    "x"
)
def first(a,
          b):
    """Doc."""
    async def inner():
        pass
    return lambda: inner

class A:
    @property
    def x(self): return 1
    @x.setter
    def x(self, value): self._x = value
    @overload
    def f(self, a: int) -> int: ...
    def f(self, a): return a
    class B:
        def f(self):
            if True:
                def conditional(): pass
            else:
                def conditional(): pass
            # a comment behind the last statement

named = lambda y: y
if True:
    def guarded[T](t: T) -> T: return t
match guarded:
    case _:
        def matched(): pass
`;
  expect(await functionsOf("a.py", source)).toEqual([
    "first 4-9",
    "first.inner 7-8",
    "A.x 13-13",
    "A.x#2 15-15",
    "A.f 17-17",
    "A.f#2 18-18",
    "A.B.f 20-24",
    "A.B.f.conditional 22-22",
    "A.B.f.conditional#2 24-24",
    "guarded 29-29",
    "matched 32-32",
  ]);
});

it("names what lies inside a redefinition after it", async () => {
  const source = "def f():\n    def g(): pass\ndef f():\n    def g(): pass\n";
  expect(await functionsOf("a.py", source)).toEqual(["f 1-2", "f.g 2-2", "f#2 3-4", "f#2.g 4-4"]);
});
