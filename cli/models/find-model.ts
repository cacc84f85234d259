import { InputError } from "../../core/errors/index.ts";

const SHOWN = 5;

interface Named {
  readonly id: string;
}

/**
 * A model by its id, a unique beginning of it, or `latest`, out of the newest ones. `list` is the command that lists them all.
 * InputError("model_unknown").
 */
export function findModel<Model extends Named>(models: readonly Model[], given: string, list: string): Model {
  const unknown = (message: string, hint: string): InputError => new InputError("model_unknown", message, { hint });
  if (models.length === 0)
    throw unknown(
      `There is no model ${JSON.stringify(given)}: none was trained here yet.`,
      "`serac train` trains one on the dataset of a run.",
    );
  if (given === "latest") return models[0]!;
  const matching = given === "" ? [] : models.filter(({ id }) => id.startsWith(given));
  const found = matching.find(({ id }) => id === given) ?? (matching.length === 1 ? matching[0] : undefined);
  if (found !== undefined) return found;
  if (matching.length > 1)
    throw unknown(`${JSON.stringify(given)} begins ${matching.length} ids of models: ${names(matching)}.`, "Give more of the id.");
  throw unknown(
    `There is no model ${JSON.stringify(given)}. The latest: ${names(models)}.`,
    `\`${list}\` lists the models; a unique beginning of an id is enough, and \`latest\` works too.`,
  );
}

const names = (models: readonly Named[]): string =>
  models
    .slice(0, SHOWN)
    .map(({ id }) => id)
    .join(", ") + (models.length > SHOWN ? ", …" : "");
