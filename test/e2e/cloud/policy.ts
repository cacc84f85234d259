import { GetRolePolicyCommand } from "@aws-sdk/client-iam";
import type { CloudCall } from "../../cloud/calls.ts";
import type { Cloud } from "./cloud.ts";

export interface Statement {
  readonly sid: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** The statements of a function's own role, as they were deployed. */
export async function statementsOf({ clients }: Cloud, role: string): Promise<readonly Statement[]> {
  const { PolicyDocument } = await clients.iam.send(new GetRolePolicyCommand({ RoleName: role, PolicyName: "permissions" }));
  const document = JSON.parse(decodeURIComponent(PolicyDocument!)) as { Statement: Raw[] };
  return document.Statement.map(({ Sid, Effect, Action, Resource }) => {
    if (Effect !== "Allow") throw new Error(`${Sid}: ${Effect}`);
    return { sid: Sid, actions: [Action].flat(), resources: [Resource].flat() };
  });
}

interface Raw {
  readonly Sid: string;
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: string | string[];
}

/** Whether a statement allows the call. Conditions are ministack's to look at, which refuses what they do not allow. */
export function allows(statement: Statement, { action, resource }: CloudCall): boolean {
  return statement.actions.includes(action) && (resource === null || statement.resources.some((pattern) => matches(pattern, resource)));
}

/** The ends of ARNs are compared: the calls do not tell their account. `*` in a pattern stands for anything. */
function matches(pattern: string, resource: string): boolean {
  if (pattern === "*") return true;
  const end = pattern.split(":").slice(5).join(":");
  if (end.startsWith("secret:")) return shape(end.replace(/-\?{6}$|-\*$/, "*")).test(resource);
  return shape(end).test(resource);
}

const shape = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
  );
