import type { Column } from "./column.ts";

export type Feature = { readonly name: string } & (
  | { readonly dtype: string }
  | { readonly list: readonly Feature[] }
  | { readonly struct: readonly Feature[] }
);

/** The columns as Hugging Face `datasets` writes features into a card (`dataset_info`), so that no type is guessed from the first rows. */
export function features(columns: readonly Column[]): readonly Feature[] {
  return columns.map(({ name, type }) => {
    if (typeof type === "string") return { name, dtype: type };
    return "list" in type ? { name, list: features(type.list) } : { name, struct: features(type.struct) };
  });
}
