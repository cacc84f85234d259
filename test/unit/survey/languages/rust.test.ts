import { describe, expect, it } from "vitest";
import { functionsOf } from "../one-file.ts";

const SOURCE = `impl<T> fmt::Display for Foo<T> where T: X {
    fn fmt(&self) -> R { fn inner() {} inner() }
}
impl fmt::Debug for Foo<u8> { fn fmt(&self) -> R { let f = |x| x; f(1) } }
impl Foo { pub const unsafe fn new() {} }
trait Shape { fn area(&self); fn twice(&self) {} }
mod m { pub(crate) async fn b() {} }
impl Shape for &'a mut deep::Path<u8> { fn area(&self) {} }
extern "C" { fn ext(); }
macro_rules! make { () => { fn made() {} } }
#[test]
fn a_test() {}
#[cfg(test)]
// a comment between
#[allow(dead_code)]
mod tests {
    fn helper() {}
}
#[cfg(all(test, feature = "x"))]
fn both() {}
#[cfg(not(test))]
fn production() {}
#[cfg(any(test, feature = "x"))]
fn either() {}
#[tokio::test(flavor = "current_thread")]
async fn async_test() {}
`;

describe("Rust", () => {
  it("finds functions and leaves out those that only tests compile", async () => {
    expect(await functionsOf("a.rs", SOURCE)).toEqual([
      "Foo.fmt 2-2",
      "Foo.fmt.inner 2-2",
      "Foo.fmt#2 4-4",
      "Foo.new 5-5",
      "Shape.twice 6-6",
      "m.b 7-7",
      "Path.area 8-8",
      "production 22-22",
      "either 24-24",
    ]);
  });

  it("keeps them when tests are not to be skipped", async () => {
    const names = (await functionsOf("a.rs", SOURCE, { skipTests: false })).map((entry) => entry.split(" ")[0]);
    expect(names).toEqual(expect.arrayContaining(["a_test", "tests.helper", "both", "async_test"]));
  });
});
