import { GetSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { awsName, cloudError } from "../../core/errors/cloud.ts";
import { systemClock, type Clock } from "../../core/errors/clock.ts";
import { InputError } from "../../core/errors/index.ts";
import { keyIn } from "./key-in.ts";

/** A key that is changed is noticed after this long. */
const KEPT_MS = 5 * 60 * 1000;

export interface Secrets {
  /** The text of a secret, or the `apiKey` of one that is JSON. InputError("secret_missing"), SeracError `cloud_…`; none of them holds it. */
  read(name: string): Promise<string>;
}

/** Secrets of AWS Secrets Manager, by name; each is asked for once in five minutes. */
export function createSecrets({ client, clock = systemClock }: { readonly client: SecretsManagerClient; readonly clock?: Clock }): Secrets {
  const kept = new Map<string, { readonly value: Promise<string>; readonly untilMs: number }>();
  return {
    read: async (name) => {
      const known = kept.get(name);
      if (known !== undefined && known.untilMs > clock.now()) return known.value;
      const value = fetchSecret(client, name);
      const entry = { value, untilMs: clock.now() + KEPT_MS };
      kept.set(name, entry);
      try {
        return await value;
      } catch (error) {
        if (kept.get(name) === entry) kept.delete(name);
        throw error;
      }
    },
  };
}

async function fetchSecret(client: SecretsManagerClient, name: string): Promise<string> {
  // https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
  if (!/^[\w/+=.@-]{1,512}$/.test(name)) {
    throw new InputError("secret_missing", `${JSON.stringify(name)} cannot be the name of a secret.`, {
      hint: "Names have letters, digits and /_+=.@- only.",
    });
  }
  const found = await client.send(new GetSecretValueCommand({ SecretId: name })).catch((error: unknown) => {
    throw secretError(error, name);
  });
  const key = keyIn(found.SecretString ?? "");
  if (key !== null) return key;
  throw new InputError("secret_missing", `The secret ${name} holds no key.`, {
    hint: `It should be the key as text, or JSON: { "apiKey": "…" }.`,
  });
}

function secretError(error: unknown, name: string): unknown {
  // InvalidRequestException: it is there, and marked for deletion.
  if (awsName(error) === "ResourceNotFoundException" || awsName(error) === "InvalidRequestException") {
    return new InputError("secret_missing", `There is no secret ${name}.`, {
      hint: `Make it in the same account and region: aws secretsmanager create-secret --name ${name} --secret-string …`,
      cause: error,
    });
  }
  return cloudError(error, { action: "secretsmanager:GetSecretValue", subject: `the secret ${name}` });
}
