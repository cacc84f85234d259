import { expect, it } from "vitest";
import { functionsOf } from "../one-file.ts";

it("finds C# members with a body", async () => {
  const source = `namespace Acme.Tools;
public class Box<T> : Base {
  public Box(int x) : base(x) { }
  static Box() { }
  ~Box() { }
  [Obsolete]
  public async Task<int> Run<U>(int a) {
    int Local(int z) => z + 1;
    return Local(a);
  }
  public int Short() => 1;
  public int Value { get { return 1; } private set => x = value; }
  public int Computed => 2;
  public int Auto { get; set; } = 3;
  public int this[int i] { get { return i; } }
  public static Box operator +(Box a, Box b) => a;
  public static implicit operator int(Box a) { return 1; }
  public event EventHandler Changed { add { } remove { } }
  void IRunner.Explicit() { }
  protected abstract void Missing();
  int Over(int a) { return a; }
  int Over(string a) { return 0; }
  class Nested { void Deep() { } }
}
interface IThing { int Declared(); int Default() => 1; }
record Point(int X) { int Length() { return X; } }
struct Pair { public int Sum() { return 0; } }
`;
  expect(await functionsOf("a.cs", source)).toEqual([
    "Box.Box 3-3",
    "Box.Box#2 4-4",
    "Box.~Box 5-5",
    "Box.Run 6-10",
    "Box.Run.Local 8-8",
    "Box.Short 11-11",
    "Box.Value.get 12-12",
    "Box.Value.set 12-12",
    "Box.Computed 13-13",
    "Box.this[].get 15-15",
    "Box.operator + 16-16",
    "Box.operator int 17-17",
    "Box.Changed.add 18-18",
    "Box.Changed.remove 18-18",
    "Box.Explicit 19-19",
    "Box.Over 21-21",
    "Box.Over#2 22-22",
    "Box.Nested.Deep 23-23",
    "IThing.Default 25-25",
    "Point.Length 26-26",
    "Pair.Sum 27-27",
  ]);
});
