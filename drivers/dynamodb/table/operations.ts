/**
 * What the store does to its table, as plain data: two executors carry it out, the SDK's and the one of the simulation. Items are flat.
 */
export type Value = string | number | boolean;
export type Item = Readonly<Record<string, Value>>;

export interface Key {
  readonly partition: string;
  readonly sort: string;
}

export type Condition =
  | { readonly absent: string }
  | { readonly present: string }
  | { readonly equal: readonly [name: string, value: Value] }
  | { readonly atLeast: readonly [name: string, value: number] }
  | { readonly atMost: readonly [name: string, value: number] }
  | { readonly below: readonly [name: string, value: number] }
  | { readonly anyOf: readonly Condition[] };

/** Changes one item, or makes it. With nothing to change it is a check alone, which only a transaction can hold. */
export interface Write {
  readonly key: Key;
  /** All of them must hold; a comparison with an attribute that is not there does not. */
  readonly when?: readonly Condition[];
  readonly set?: Item;
  /** An attribute that is not there counts as zero. */
  readonly add?: Readonly<Record<string, number>>;
  readonly remove?: readonly string[];
}

/** Items of one partition in the order of their sort keys. */
export interface Query {
  readonly partition: string;
  /** Sort keys behind this one. */
  readonly after?: string;
  /** Only items whose attribute has one of these values; they are read, and paid for, all the same. */
  readonly only?: { readonly name: string; readonly values: readonly Value[] };
  readonly limit?: number;
}

/** Keys of listed items, the last first. The index lags behind the table by a moment. */
export interface ListQuery {
  readonly list: string;
  /** Places in front of this one. */
  readonly before?: string;
  readonly limit?: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Where the next page begins; null at the end. */
  readonly next: Key | null;
}

/** Several may be refused at once: the place of each in the transaction, and the item as it stands (null: none). */
export type Refused = ReadonlyMap<number, Item | null>;
export type Transacted = { readonly ok: true } | { readonly ok: false; readonly refused: Refused };
export type Written = { readonly ok: true; readonly item: Item } | { readonly ok: false; readonly item: Item | null };

export const MAX_TRANSACTION_ITEMS = 100;

/**
 * One table, by one executor. All reads but those of a list are consistent. Throws SeracError, or Unavailable for what passes: after
 * that, a write may or may not have happened.
 */
export interface Table {
  get(key: Key): Promise<Item | null>;
  /** In the order of the keys, each as it stands when it is read. At most 100. */
  getAll(keys: readonly Key[]): Promise<readonly (Item | null)[]>;
  /** The same, all of one moment. */
  snapshot(keys: readonly Key[]): Promise<readonly (Item | null)[]>;
  page(query: Query, from: Key | null): Promise<Page<Item>>;
  list(query: ListQuery): Promise<readonly Key[]>;
  write(write: Write): Promise<Written>;
  /** All or none. */
  transact(writes: readonly Write[]): Promise<Transacted>;
}

/** Too much at once, two transactions on one item, a connection that broke: the same again may work. The cause is AWS's error. */
export class Unavailable extends Error {
  readonly action: string;

  constructor(action: string, cause: unknown) {
    super(`${action} was not answered`, { cause });
    this.action = action;
  }
}
