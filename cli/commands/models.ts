import { Argument } from "commander";
import { InputError } from "../../core/errors/index.ts";
import { addCloudFlags, checkPlace } from "../cloud/flags.ts";
import type { Define } from "../define.ts";
import { homeOption } from "../home.ts";
import type { Io } from "../io.ts";
import type { ModelsFlags } from "../models/flags.ts";

const ACTIONS = ["list", "show", "cancel", "delete", "download"] as const;
type Action = (typeof ACTIONS)[number];

export const define: Define = (command, io) => {
  command
    .addArgument(new Argument("[action]", "what to do").choices(ACTIONS).default("list"))
    .argument("[model]", "model id, a unique beginning of one, or latest; all but list need it")
    .option("--out <dir>", "with download: a new or empty folder")
    .addOption(homeOption())
    .option("--json", "print one JSON document");
  addCloudFlags(command, "the models")
    .addHelpText(
      "after",
      `
show tells where a model comes from and what came of it: dataset, base, settings, losses, gates, cost. cancel ends one that
is being trained, delete removes one with its data, checkpoints and weights; download, with --cloud, fetches the weights.

Examples:
  serac models
  serac models show latest
  serac models delete my-service-20261122
  serac models download latest --cloud --out my-service-adapter`,
    )
    .action((action: Action, model: string | undefined, flags: ModelsFlags) => models(action, model, flags, io));
};

async function models(action: Action, model: string | undefined, flags: ModelsFlags, io: Io): Promise<void> {
  checkPlace({ ...flags }, ["--home"]);
  if (action === "list" && model !== undefined)
    throw new InputError("usage", "list takes no model.", { hint: `\`serac models show ${model}\` shows one.` });
  if (action !== "list" && model === undefined)
    throw new InputError("usage", `${action}: no model is named.`, { hint: "`serac models` lists them; `latest` is the newest." });
  if (action === "download" ? flags.out === undefined : flags.out !== undefined)
    throw new InputError("usage", action === "download" ? "download: --out is missing." : `--out means nothing with ${action}.`, {
      hint: "`serac models download <model> --cloud --out DIR` fetches a model's weights.",
    });
  if (flags.cloud === true) {
    const { cloudModels } = await import("../cloud/models.ts");
    return cloudModels(action, model, flags, io);
  }
  const { localModels } = await import("../models/local.ts");
  await localModels(action, model, flags, io);
}
