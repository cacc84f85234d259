import { CfnResource, Stack, Validations } from "aws-cdk-lib";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { AwsSolutionsChecks, NagRuleCompliance } from "cdk-nag";
import type { IConstruct } from "constructs";
import { describe, expect, it, vi } from "vitest";
import { GATEWAY, TRAINING, makeApp } from "./synthesis.ts";

const everything = { gateway: GATEWAY, training: TRAINING, email: "somebody@example.com" };
const tenants = { sandbox: { kind: "tenant" } };

describe("cdk-nag's AwsSolutions", { timeout: 180_000 }, () => {
  it.each([everything, tenants])("finds nothing that has no reason", (settings) => {
    const { app } = makeApp(settings);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    expect(() => app.synth()).not.toThrow();
  });

  it("stops the synthesis when there is something", () => {
    const { app } = makeApp();
    const open = new Bucket(new Stack(app, "Careless"), "Open");
    expect(open.node.path).toBe("Careless/Open");
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    expect(() => app.synth()).toThrow(/does not require requests to use SSL.*\n.*Careless\/Open/);
  });

  it.each([everything, tenants])("is given reasons only for what it finds, each a sentence", (settings) => {
    const { app } = makeApp(settings);
    app.synth();
    const given = app.node.findAll().flatMap(reasonsOf);
    expect(given.length).toBeGreaterThan(20);
    for (const { reason } of given) expect(reason).toMatch(/^[A-Z].{20,}\.$/);
    const found = findings(settings);
    const idle = given.filter(({ path, id }) => !found.some((finding) => finding.id === id && `${finding.path}/`.startsWith(`${path}/`)));
    expect(idle).toEqual([]);
  });
});

interface Reason {
  readonly path: string;
  readonly id: string;
  readonly reason: string;
}

function reasonsOf(construct: IConstruct): Reason[] {
  return (
    construct.node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.entries(data as Record<string, string>))
      .map(([id, reason]) => ({ path: construct.node.path, id: id.replace(/^annotation::/i, ""), reason }))
      // CDK gives reasons of its own for its own warnings.
      .filter(({ id }) => id.startsWith("AwsSolutions-"))
  );
}

/** What the rules say of the same stacks without any reasons. */
function findings(settings: object): { readonly id: string; readonly path: string }[] {
  const acknowledge = vi.spyOn(Validations.prototype, "acknowledge").mockReturnValue();
  try {
    const { app } = makeApp(settings);
    app.synth();
    const found: { id: string; path: string }[] = [];
    class Listening extends AwsSolutionsChecks {
      listen(): void {
        for (const node of app.node.findAll()) if (CfnResource.isCfnResource(node)) this.checkResource(node);
      }
      protected override applyRule(params: Parameters<AwsSolutionsChecks["applyRule"]>[0]): void {
        const id = `AwsSolutions-${params.ruleSuffixOverride ?? params.rule.name}`;
        const result = params.rule(params.node);
        const { path } = params.node.node;
        if (Array.isArray(result)) for (const finding of result) found.push({ id: `${id}[${finding}]`, path });
        else if (result === NagRuleCompliance.NON_COMPLIANT) found.push({ id, path });
      }
    }
    new Listening(app).listen();
    return found;
  } finally {
    acknowledge.mockRestore();
  }
}
