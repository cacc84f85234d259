import { InputError } from "../../errors/index.ts";

export const noTraining = (): InputError =>
  new InputError("training_unfit", "No models are trained in this deployment.", {
    hint: "Deploy it with a `training` section in serac.deploy.yaml (docs/aws.md), or train on a machine of your own with `serac train`.",
  });
