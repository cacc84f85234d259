import { expect, it } from "vitest";
import { functionsOf } from "../one-file.ts";

it("finds Go's functions and names methods with their receivers", async () => {
  const source = `package a

func F[T any](x T) { f := func() {}; f() }
func (s *Server[T]) Close() error { return nil }
func (Server[T]) Open() {}
func (s (*pkgType)) odd() {}
func assembly(x int) int
func init() {}
func init() {}
`;
  expect(await functionsOf("a.go", source)).toEqual([
    "F 3-3",
    "Server.Close 4-4",
    "Server.Open 5-5",
    "pkgType.odd 6-6",
    "init 8-8",
    "init#2 9-9",
  ]);
});
