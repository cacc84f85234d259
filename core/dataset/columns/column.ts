/** A column of the exported rows, from which the Parquet schema, the card's features and the JSON spelling of numbers are made. */
export interface Column {
  readonly name: string;
  readonly type: ScalarType | ListType | StructType;
  readonly nullable: boolean;
}

export type ScalarType = "string" | "int32" | "int64" | "float64" | "bool";
/** Of structs. */
interface ListType {
  readonly list: readonly Column[];
}
interface StructType {
  readonly struct: readonly Column[];
}

export const text = (name: string): Column => ({ name, type: "string", nullable: false });
export const optionalText = (name: string): Column => ({ name, type: "string", nullable: true });
export const scalar = (name: string, type: ScalarType): Column => ({ name, type, nullable: false });
export const optional = (name: string, type: ScalarType): Column => ({ name, type, nullable: true });
export const list = (name: string, fields: readonly Column[]): Column => ({ name, type: { list: fields }, nullable: true });
export const struct = (name: string, fields: readonly Column[]): Column => ({ name, type: { struct: fields }, nullable: false });

export type Cell = string | number | boolean | null | Row | readonly Row[];
export interface Row {
  readonly [column: string]: Cell;
}
