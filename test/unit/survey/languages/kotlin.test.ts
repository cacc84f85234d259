import { expect, it } from "vitest";
import { functionsOf } from "../one-file.ts";

it("finds Kotlin's functions, constructors and accessors", async () => {
  const source = `package acme.tools

class Foo(val x: Int) : Bar() {
  constructor(y: String) : this(1) {
    println(y)
  }

  init {
    println(1)
  }

  override suspend fun load(): Int = 1

  var size: Int
    get() = 1
    set(value) {
      field = value
    }

  companion object {
    fun create() = Foo(1)
  }

  inner class Deep {
    fun run() {
      fun local() {}
      val lambda = { x: Int -> x }
    }
  }
}

abstract class Shape {
  abstract fun area(): Int
}

object Single {
  fun only() {}
}

fun String.shout(times: Int): String = this

fun <T> List<T>.second() = this[1]

interface Runner {
  fun declared()
  fun default() {}
}

enum class Color {
  RED {
    override fun hex() = "f00"
  };

  abstract fun hex(): String
}

fun \`with spaces\`() {}
`;
  expect(await functionsOf("a.kt", source)).toEqual([
    "Foo.constructor 4-6",
    "Foo.load 12-12",
    "Foo.size.get 15-15",
    "Foo.size.set 16-18",
    "Foo.Companion.create 21-21",
    "Foo.Deep.run 25-28",
    "Foo.Deep.run.local 26-26",
    "Single.only 37-37",
    "String.shout 40-40",
    "List.second 42-42",
    "Runner.default 46-46",
    "Color.RED.hex 51-51",
    "with spaces 57-57",
  ]);
});
