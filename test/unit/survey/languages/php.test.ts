import { expect, it } from "vitest";
import { functionsOf } from "../one-file.ts";

it("finds PHP functions, methods and property hooks between markup", async () => {
  const source = `<html><?php
namespace Acme\\Tools;
function outer($a) {
  function inner() {}
  $closure = function ($x) { return $x; };
  $arrow = fn($y) => $y;
}
abstract class Foo extends Bar {
  public function __construct(private int $x) {}
  abstract protected function missing();
  final public static function build(): static { return new static(1); }
  public string $name { get => strtoupper($this->raw); set { $this->raw = $value; } }
}
interface Shape { public function area(): float; }
trait Loud { private function shout(): void {} }
enum Suit: string { case Hearts = 'H'; public function label(): string { return 'x'; } }
$object = new class { function anonymous() {} };
if (true) { function conditional() {} } else { function conditional() {} }
?></html>
`;
  expect(await functionsOf("a.php", source)).toEqual([
    "outer 3-7",
    "outer.inner 4-4",
    "Foo.__construct 9-9",
    "Foo.build 11-11",
    "Foo.name.get 12-12",
    "Foo.name.set 12-12",
    "Loud.shout 15-15",
    "Suit.label 16-16",
    "anonymous 17-17",
    "conditional 18-18",
    "conditional#2 18-18",
  ]);
});
