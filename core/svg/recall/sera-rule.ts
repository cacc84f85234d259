/**
 * SERA's rule, reproduced with its consequences (allenai/SERA @1ca8673, sera/datagen): lines by Python's `str.splitlines`; those that
 * start with `diff`, `---`, `+++` or `@@` are skipped; of the others, `+` and `-` lines count whose rest is not blank under
 * `str.strip`. Files are ignored. So a removed `-- x` and an added `++i` vanish, and a form feed splits a line.
 */
export function seraChanges(patch: string): readonly string[] {
  return patch.split(PYTHON_LINE_END).filter((line) => !SKIPPED.test(line) && (line[0] === "+" || line[0] === "-") && NOT_BLANK.test(line));
}

/** Line boundaries of Python's `str.splitlines`: docs.python.org/3/library/stdtypes.html#str.splitlines */
// oxlint-disable-next-line no-control-regex
const PYTHON_LINE_END = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/;

const SKIPPED = /^(?:diff|---|\+\+\+|@@)/;

/** After the sign, something that Python's `str.isspace` is false for: its white space is not JavaScript's (U+001C to U+001F, U+0085; no U+FEFF). */
// oxlint-disable-next-line no-control-regex
const NOT_BLANK = /^.[^]*?[^\t-\r\x1c- \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
