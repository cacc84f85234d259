/** Reading JSON of unknown shape without trusting it. */
export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Lone surrogates become U+FFFD: they could not be written as UTF-8 later. */
export const textOf = (value: unknown): string => pieceOf(value).toWellFormed();

/** Of a text that comes in pieces: one may end in the midst of a surrogate pair. */
export const pieceOf = (value: unknown): string => (typeof value === "string" ? value : "");
