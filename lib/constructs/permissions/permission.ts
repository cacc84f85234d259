import { Stack, Validations } from "aws-cdk-lib";
import { PolicyDocument, PolicyStatement, type Role } from "aws-cdk-lib/aws-iam";

/** What a function may do, in the words of IAM. */
export interface Permission {
  /** Shown as the statement's id: letters and digits. */
  readonly sid: string;
  readonly actions: readonly string[];
  /** ARNs. */
  readonly resources: readonly string[];
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  /** Why its resources cannot be named one by one. A wildcard without it fails the synthesis (cdk-nag, IAM5). */
  readonly wildcard?: string;
}

/** Throws where two statements have one id, which IAM would refuse only when it is deployed. */
export function policyOf(permissions: readonly Permission[]): PolicyDocument {
  const sids = permissions.map(({ sid }) => sid);
  const twice = sids.find((sid, index) => sids.indexOf(sid) !== index);
  if (twice !== undefined) throw new Error(`Two permissions are called ${twice}.`);
  return new PolicyDocument({
    statements: permissions.map(
      ({ sid, actions, resources, conditions }) =>
        new PolicyStatement({ sid, actions: [...actions], resources: [...resources], ...(conditions === undefined ? {} : { conditions }) }),
    ),
  });
}

/**
 * Records the reasons of wildcards with the role that has them. A finding is named by the resource as it is in the template, and how a
 * resource of another stack is named there is known only after references were resolved; so this happens when the tree is validated,
 * which is after that and before the rules are checked.
 */
export function acknowledgeWildcards(role: Role, permissions: readonly Permission[]): void {
  role.node.addValidation({
    validate: () => {
      for (const { resources, wildcard } of permissions) {
        if (wildcard === undefined) continue;
        for (const resource of resources) {
          const text = asText(Stack.of(role).resolve(resource));
          if (text.includes("*")) Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${text}]`, reason: wildcard });
        }
      }
      return [];
    },
  });
}

/** A reference of CloudFormation as cdk-nag 3.0.2 writes it in the names of its findings. */
function asText(value: unknown): string {
  if (typeof value === "string") return value.replaceAll("${", "<").replaceAll("}", ">");
  if (typeof value !== "object" || value === null) return "";
  if ("Fn::Join" in value && Array.isArray(value["Fn::Join"])) {
    const [delimiter, parts]: unknown[] = value["Fn::Join"];
    return Array.isArray(parts) ? parts.map(asText).join(String(delimiter)) : "";
  }
  if ("Fn::GetAtt" in value && Array.isArray(value["Fn::GetAtt"])) return `<${value["Fn::GetAtt"].map(asText).join(".")}>`;
  if ("Fn::ImportValue" in value) return asText(value["Fn::ImportValue"]);
  if ("Ref" in value) return `<${asText(value.Ref)}>`;
  return JSON.stringify(value);
}
