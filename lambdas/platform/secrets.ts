import { redactor } from "../log.ts";
import { onceReady } from "./once.ts";

const secrets = onceReady(async () => {
  const [{ createSecrets }, { SecretsManagerClient }] = await Promise.all([
    import("../../drivers/secrets/index.ts"),
    import("@aws-sdk/client-secrets-manager"),
  ]);
  return createSecrets({ client: new SecretsManagerClient({}) });
});

/** The text of a secret, which from here on no log shows. InputError("secret_missing"). */
export async function readSecret(name: string): Promise<string> {
  const value = await (await secrets()).read(name);
  redactor.hide(value);
  return value;
}
