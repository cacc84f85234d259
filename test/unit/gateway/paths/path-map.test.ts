import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPathMap } from "../../../../core/gateway/paths/create-path-map.ts";

const DIRECTORIES = [
  "/home/ann/my-service",
  "/a",
  "/srv/My Project (copy)",
  "/srv/größe/日本",
  "/w/a.b+c[1]^$|x",
  "/testbed/sub",
  "/testbed (2)",
  "/testbed-old",
  "/testbed. x",
  "/home/testbed",
  "/x:/testbed/y",
  "/x:/testbed",
  "/a /a",
  "/a /a /b",
  "/x -I/testbed",
  "/x\\n/testbed",
  "/my file",
  "/profile",
  "/q'uo\"te$",
  "/.hidden",
];

/** Pieces out of which texts are built that come close to every rule. */
const pieces = (directory: string) =>
  fc.constantFrom(
    ...[
      "/testbed",
      directory,
      "/.",
      "/./",
      "./",
      "/",
      ".",
      "..",
      "testbed",
      directory.slice(1),
      directory.slice(0, -1),
      "bed",
      "sub",
      "/sub",
    ],
    ...[" ", "\n", "\t", "'", '"', "`", "=", ":", ",", ";", "&&", "|", "(", ")", "[", "{", "<", ">", "@", "$(", "$", "~", "#", "!", "%"],
    ...[
      "-I",
      "-",
      "+",
      "\n+",
      "\n-",
      "file://",
      "file",
      "://",
      "\\n",
      "\\",
      "n",
      "a",
      "é",
      "2",
      "_",
      "x",
      "/x",
      "\ud83d\ude00",
      "\ud83d",
      "\u0301",
    ],
  );

const textsOf = (directory: string) =>
  fc.oneof(
    fc.array(pieces(directory), { maxLength: 12 }).map((parts) => parts.join("")),
    fc.array(fc.oneof(pieces(directory), fc.string()), { maxLength: 6 }).map((parts) => parts.join("")),
  );

describe("the translation of paths", () => {
  it.each(DIRECTORIES)("loses nothing in either direction: %s", (directory) => {
    const map = createPathMap(directory);
    fc.assert(
      fc.property(textsOf(directory), (text) => {
        expect(map.toClient(map.toModel(text))).toBe(text);
        expect(map.toModel(map.toClient(text))).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  it("loses nothing for any directory", () => {
    const name = fc.array(
      fc.oneof(fc.constantFrom("testbed", " ", ":", ".", "-", "a", "(", ")", "'", "\\", "é"), fc.string({ maxLength: 2 })),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    const directories = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => `/${names.map((parts) => parts.join("")).join("/")}`);
    fc.assert(
      fc.property(
        directories.chain((directory) => fc.tuple(fc.constant(directory), textsOf(directory))),
        ([directory, text]) => {
          const map = createPathMap(directory);
          expect(map.toClient(map.toModel(text))).toBe(text);
          expect(map.toModel(map.toClient(text))).toBe(text);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it.each([
    "cat /testbed/a.py",
    "cd /testbed;ls",
    "cd /testbed&&ls",
    "ls /testbed|wc",
    "PYTHONPATH=/testbed:/testbed/src,/testbed/x",
    "(/testbed)",
    "$(/testbed/run)",
    "[/testbed]",
    "{/testbed}",
    "</testbed>",
    "2>/testbed/log",
    "gcc -I/testbed/include -L/testbed",
    "-Wl,-rpath,/testbed/lib",
    "'/testbed' \"/testbed\" `/testbed`",
    "file:///testbed/a.py",
    "host:/testbed",
    "curl -d @/testbed/body",
    "#!/testbed/venv/bin/python",
    "sed s#/testbed#x#",
    "It is in /testbed.",
    "Searching /testbed...",
    "in /testbed, or (see /testbed/README.md).",
    "--- a\n+/testbed/one\n-/testbed/two",
    String.raw`{"stdout": "x\n/testbed/a\n"}`,
    "\u00a0/testbed\u3000",
  ])("finds paths in %j", (text) => {
    const map = createPathMap("/home/ann/my-service");
    const client = text.replaceAll("/testbed", "/home/ann/my-service");
    expect(map.toClient(text)).toBe(client);
    expect(map.toModel(client)).toBe(text);
  });

  it.each([
    "/x/testbed",
    "~/testbed",
    "$HOME/testbed",
    "${HOME}/testbed",
    "../testbed",
    "/testbed-old",
    "/testbed2",
    "/testbed_x",
    "/testbed.py",
    "/testbed..x",
    "/testbed./x",
    "/testbed~",
    "/testbedé",
    "/testbede\u0301",
    "http://host/testbed",
    "https:///testbed",
    "a-I/testbed",
    "testbed",
  ])("leaves %j alone", (text) => {
    const map = createPathMap("/home/ann/my-service");
    expect(map.toClient(text)).toBe(text);
    expect(map.toModel(text)).toBe(text);
  });

  it("tells the model's directory from a folder of the same name on the client's machine", () => {
    const map = createPathMap("/home/ann/my-service");
    expect(map.toModel('root = "/testbed/x"')).toBe('root = "/./testbed/x"');
    expect(map.toModel('root = "/./testbed/x"')).toBe('root = "/././testbed/x"');
    expect(map.toClient('root = "/./testbed/x"')).toBe('root = "/testbed/x"');
    expect(map.toClient("/home/ann/my-service/a")).toBe("/./home/ann/my-service/a");
    expect(map.toModel("/./home/ann/my-service/a")).toBe("/home/ann/my-service/a");
  });

  it("understands a directory inside the model's own", () => {
    const map = createPathMap("/testbed/sub");
    expect(map.toModel("/testbed/sub/sub/a /testbed/other")).toBe("/testbed/sub/a /./testbed/other");
    expect(map.toClient("/testbed/sub/a")).toBe("/testbed/sub/sub/a");
  });

  it.each([null, "/", "//", "relative", "", "C:\\work", "/testbed", "/testbed/", "/x/../testbed", "/testbed.", "/a\nb", "/\ud83d"])(
    "does nothing for %j",
    (directory) => {
      const map = createPathMap(directory);
      const text = `cd /testbed && ls / relative ${directory}`;
      expect(map.toClient(text)).toBe(text);
      expect(map.toModel(text)).toBe(text);
      expect(map.commandToClient(text)).toBe(text);
    },
  );

  it("needs no more than one pass", () => {
    const map = createPathMap("/home/ann");
    for (const text of ["/.".repeat(300_000), " /testbed".repeat(50_000), "/testbed".repeat(50_000), `/testbed${".".repeat(300_000)}`]) {
      expect(map.toModel(map.toClient(text))).toBe(text);
    }
  });
});
