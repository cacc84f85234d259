/** Port: where an export goes. Nothing is to be seen there before `commit`. Implemented by drivers/dataset-folder. */
export interface DatasetSink {
  /** Path relative to the dataset, `t1/train-00000.jsonl`. One file at a time per path; several paths may be open. */
  create(path: string): Promise<DatasetFile>;
  /** Puts the whole export in place of what was there; returns where a person finds it. */
  commit(): Promise<string>;
  /** Removes what was written. No error after a commit. */
  abort(): Promise<void>;
}

export interface DatasetFile {
  /** Belongs to the caller again when the promise is settled. */
  write(chunk: Uint8Array): Promise<void>;
  close(): Promise<void>;
}
