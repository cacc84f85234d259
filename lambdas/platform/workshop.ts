import type { Workshop } from "../../core/control/platform.ts";

/** What a function needs beside the state. What it never needs is not in its bundle; to ask for that is a mistake in the code. */
export function workshopOf(parts: Partial<Workshop>): Workshop {
  return {
    archives: { open: () => missing("archives") },
    teacher: () => missing("teacher"),
    sandbox: () => missing("sandbox"),
    exportDataset: () => missing("exportDataset"),
    exportTrainingData: () => missing("exportTrainingData"),
    jobs: () => missing("jobs"),
    ...parts,
  };
}

const missing = (part: keyof Workshop): Promise<never> => Promise.reject(new TypeError(`This function was built without ${part}.`));
