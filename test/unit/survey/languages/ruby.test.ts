import { expect, it } from "vitest";
import { functionsOf } from "../one-file.ts";

it("finds Ruby's methods, class methods and singleton methods", async () => {
  const source = `module Outer
  class Inner::Leaf < Base
    def initialize(a)
    end
    def self.build; new; end
    class << self
      def meta; end
    end
    def endless(x) = x + 1
    def ==(other); true; end
    def name=(value); @name = value; end
    def [](key) = @all[key]
    private def hidden; end
    define_method(:dynamic) { 1 }
    SQUARE = ->(x) { x * x }
  end
end
def top?
  def nested!; end
  yield
rescue ArgumentError
  false
ensure
  close
end
def config.sing; end
def twice; 1; end
def twice; 2; end
`;
  expect(await functionsOf("a.rb", source)).toEqual([
    "Outer.Inner.Leaf.initialize 3-4",
    "Outer.Inner.Leaf.self.build 5-5",
    "Outer.Inner.Leaf.self.meta 7-7",
    "Outer.Inner.Leaf.endless 9-9",
    "Outer.Inner.Leaf.== 10-10",
    "Outer.Inner.Leaf.name= 11-11",
    "Outer.Inner.Leaf.[] 12-12",
    "Outer.Inner.Leaf.hidden 13-13",
    "top? 18-25",
    "top?.nested! 19-19",
    "config.sing 26-26",
    "twice 27-27",
    "twice#2 28-28",
  ]);
});
