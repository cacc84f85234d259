import { stringify } from "yaml";
import { features } from "../columns/features.ts";
import { rowColumns } from "../columns/row-columns.ts";
import { DATASETS } from "../rollouts.ts";
import type { CardInput } from "./card-input.ts";

/** The card's YAML: what to load (`configs`), with which types (`dataset_info`), and what it is. Source: huggingface.co/docs/hub/datasets-cards */
export function cardHeader(input: CardInput, isRehearsal: boolean): string {
  const { run, counting, options } = input;
  const columns = features(rowColumns(counting.format));
  // Both kinds hold the same rows; loaded together they would double them.
  const kind = options.kinds.includes("parquet") ? "parquet" : "jsonl";
  // `datasets` refuses to load a split without a row, and with it everything else that the card names.
  const loadable = DATASETS.filter((name) => input[name].rows > 0);
  return stringify(
    {
      pretty_name: `${run.name}${isRehearsal ? " (rehearsal)" : ""}`,
      license: "other",
      license_name: "of-the-repository",
      task_categories: ["text-generation"],
      tags: ["serac", "code", "agent", "trajectories", options.format, ...(isRehearsal ? ["rehearsal", "not-for-training"] : [])],
      configs: loadable.map((name) => ({
        config_name: name,
        data_files: [{ split: "train", path: `${name}/*.${kind}` }],
        ...(name === loadable.at(-1) ? { default: true } : {}),
      })),
      dataset_info: loadable.map((name) => ({ config_name: name, features: columns })),
    },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
}
