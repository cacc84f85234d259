import { expect, it } from "vitest";
import { functionsOf } from "../one-file.ts";

const SOURCE = `namespace a::b {
class Foo : public Bar {
 public:
  Foo() : x(1) {}
  Foo(const Foo&) = default;
  Foo(Foo&&) = delete;
  virtual ~Foo() {}
  int get() const noexcept override { return x; }
  explicit operator bool() const { return true; }
  bool operator==(const Foo& other) const { return x == other.x; }
  template <class T> static T convert(T value) { return value; }
  friend std::ostream& operator<<(std::ostream& out, const Foo&) { return out; }
  void declared();
  struct Inner { void run() {} };
};
}
int Foo::get(int i) { return i; }
template <> int Foo<int>::special() {
  auto lambda = [](int a) { return a; };
  return lambda(1);
}
Foo::Foo(int) try : x(1) {
} catch (...) {
}
auto trailing() -> int { return 1; }
int& ns::Deep::operator[](int i) { return v[i]; }
ns::Deep::operator int() { return 1; }
extern "C" { void from_c(void) {} }
namespace { int hidden() { return 0; } }
int overloaded(int) { return 0; }
int overloaded(char) { return 0; }
`;

it("finds C++ members, operators, templates and definitions outside of their class", async () => {
  expect(await functionsOf("a.cpp", SOURCE)).toEqual([
    "a.b.Foo.Foo 4-4",
    "a.b.Foo.~Foo 7-7",
    "a.b.Foo.get 8-8",
    "a.b.Foo.operator bool 9-9",
    "a.b.Foo.operator== 10-10",
    "a.b.Foo.convert 11-11",
    "a.b.Foo.operator<< 12-12",
    "a.b.Foo.Inner.run 14-14",
    "Foo.get 17-17",
    "Foo.special 18-21",
    "Foo.Foo 22-24",
    "trailing 25-25",
    "ns.Deep.operator[] 26-26",
    "ns.Deep.operator int 27-27",
    "from_c 28-28",
    "hidden 29-29",
    "overloaded 30-30",
    "overloaded#2 31-31",
  ]);
});

it("reads a .h file as C++ when it is C++", async () => {
  expect(await functionsOf("a.h", "class A {\n  int f() { return 1; }\n};\n")).toEqual(["A.f 2-2"]);
  expect(await functionsOf("b.h", "static int class(int new) { return new; }\n")).toEqual(["class 1-1"]);
});
