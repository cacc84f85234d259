import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPathMap } from "../../../../../core/gateway/paths/create-path-map.ts";
import { createVoice } from "../../../../../core/gateway/profiles/swe-agent/voice.ts";
import type { ReplySink } from "../../../../../core/gateway/client/reply.ts";

const PATHS = createPathMap("/home/me/shop");

function speak() {
  const heard: string[] = [];
  let announced = 0;
  const nothing = () => {};
  const sink: ReplySink = { text: (text) => heard.push(text), thinking: nothing, signature: nothing, toolUse: nothing, toolInput: nothing };
  const voice = createVoice(sink, PATHS, () => announced++);
  return { voice, heard, announced: () => announced };
}

const words = fc.array(
  fc.constantFrom(
    "/testbed",
    "/testbed/a.py",
    " ",
    "\n",
    "-",
    "+",
    "file://",
    "word",
    "(",
    "=",
    ".",
    ",",
    "/",
    "x/testbed",
    "-I",
    "字",
    "/./",
    "/home/me/shop",
  ),
  { maxLength: 30 },
);

describe("the model's words on their way to a person", () => {
  it("are the client's paths, however the words were cut", () => {
    fc.assert(
      fc.property(words, fc.array(fc.nat(12), { maxLength: 20 }), (parts, cuts) => {
        const text = parts.join("");
        const { voice, heard } = speak();
        let at = 0;
        for (const cut of cuts) voice.say(text.slice(at, (at += cut)));
        voice.say(text.slice(at));
        const blank = voice.takeBlank();
        voice.release();
        expect(heard.join("") + blank).toBe(PATHS.toClient(text));
      }),
      { numRuns: 2000 },
    );
  });

  it("flow at once where no path can come of them", () => {
    const { voice, heard } = speak();
    for (const part of ["字", "字", "wor", "d at", " /test", "bed/a.p", "y is"]) voice.say(part);
    expect(heard).toEqual(["字", "字", "wor", "d at", " /home/me/shop/a.py is"]);
  });

  it("are announced whenever some go out that can be seen", () => {
    const { voice, heard, announced } = speak();
    voice.say(" \n");
    expect([heard, voice.isHeard, announced()]).toEqual([[], false, 0]);
    voice.say("I changed it.");
    voice.say(" Really.");
    expect([heard, announced()]).toEqual([[" \nI changed it.", " Really."], 2]);
  });
});
