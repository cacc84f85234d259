import { expect, it } from "vitest";
import { functionsOf } from "../one-file.ts";

it("finds C's function definitions under their declarators", async () => {
  const source = `#include <stdio.h>
#define MAX(a, b) ((a) > (b) ? (a) : (b))
int declared(int a);
static inline int plain(int a) { return a; }
char *pointer(void)
{
  return 0;
}
int (*returns_pointer(int a))(int) { return 0; }
void (*handlers[2])(void);
int old_style(a, b)
  int a;
  char b;
{ return a; }
struct point { int x; int (*method)(void); };
#ifdef DEBUG
void debug(void) {}
#else
void debug(void) { puts("x"); }
#endif
__attribute__((noreturn)) void attributed(void) { for (;;) ; }
const struct point **deep(void) { return 0; }
`;
  expect(await functionsOf("a.c", source)).toEqual([
    "plain 4-4",
    "pointer 5-8",
    "returns_pointer 9-9",
    "old_style 11-14",
    "debug 17-17",
    "debug#2 19-19",
    "attributed 21-21",
    "deep 22-22",
  ]);
});

it("goes on behind macros that it cannot expand", async () => {
  const source = `BEGIN_DECLS
EXPORT_SYMBOL(first);
MODULE_INIT int annotated(void) { return 1; }
int plain(void)
{
  LIST_FOREACH(item, list) { use(item); }
  return 0;
}
END_DECLS
int last(void) { return 2; }
`;
  const names = (await functionsOf("a.c", source)).map((entry) => entry.split(" ")[0]);
  expect(names).toEqual(expect.arrayContaining(["annotated", "plain", "last"]));
});
