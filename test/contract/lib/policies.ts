import type { Resource } from "./synthesis.ts";

export interface Statement {
  readonly role: string;
  readonly sid: string;
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: unknown;
}

interface RawStatement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action?: string | string[];
  readonly NotAction?: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

interface RawPolicy {
  readonly PolicyDocument: { readonly Statement: readonly RawStatement[] };
}

/** Every statement of every role of a stack, with resources as a person reads them: `<Artifacts>/runs/*`. */
export function statementsOf(resources: Readonly<Record<string, Resource>>): Statement[] {
  return Object.entries(resources).flatMap(([id, { Type, Properties }]) => {
    if (Type === "AWS::IAM::Policy") return read(roleNames(Properties!["Roles"]), Properties as unknown as RawPolicy);
    if (Type === "AWS::IAM::Role") return ((Properties!["Policies"] ?? []) as RawPolicy[]).flatMap((policy) => read(bare(id), policy));
    return [];
  });
}

const read = (role: string, { PolicyDocument }: RawPolicy): Statement[] =>
  PolicyDocument.Statement.map(({ Sid = "", Effect, Action = [], NotAction = [], Resource: resource, Condition = null }) => ({
    role,
    sid: Sid,
    effect: Effect,
    actions: [...[Action].flat(), ...[NotAction].flat().map((action) => `all but ${action}`)],
    resources: [resource].flat().map(readable),
    conditions: Condition,
  }));

const roleNames = (roles: unknown): string => (roles as { Ref: string }[]).map(({ Ref }) => bare(Ref)).join("+");

/** Without the eight digits that CloudFormation's ids end with. */
const bare = (id: string): string => id.replace(/[0-9A-F]{8}$/, "");

export function readable(value: unknown): string {
  if (typeof value === "string") return value;
  const node = value as { "Fn::Join"?: [string, unknown[]]; "Fn::GetAtt"?: [string, string]; Ref?: string; "Fn::ImportValue"?: string };
  if (node["Fn::Join"]) return node["Fn::Join"][1].map(readable).join(node["Fn::Join"][0]);
  if (node["Fn::GetAtt"]) return `<${bare(node["Fn::GetAtt"][0])}>`;
  if (node.Ref !== undefined) return node.Ref.startsWith("AWS::") ? `<${node.Ref.slice(5)}>` : `<${bare(node.Ref)}>`;
  const imported = /:ExportsOutput(?:FnGetAtt|Ref)(.+?)(?:Arn|QueueName|)[0-9A-F]{8}$/.exec(node["Fn::ImportValue"] ?? "");
  return imported === null ? JSON.stringify(value) : `<${bare(imported[1]!)}>`;
}
