import { Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Construct } from "constructs";

/**
 * Where alarms and the budget speak. With an e-mail address somebody hears them, after confirming the letter that AWS sends. Not encrypted
 * at rest: with AWS's own key CloudWatch could not publish, and what is said are names and figures of alarms.
 */
export class AlarmTopic extends Topic {
  constructor(scope: Construct, id: string, { email }: { readonly email: string | undefined }) {
    super(scope, id, { displayName: "serac", enforceSSL: true });
    const { account } = Stack.of(this);
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: "Publish",
        principals: [new ServicePrincipal("budgets.amazonaws.com"), new ServicePrincipal("cloudwatch.amazonaws.com")],
        actions: ["sns:Publish"],
        resources: [this.topicArn],
        conditions: { StringEquals: { "aws:SourceAccount": account } },
      }),
    );
    if (email !== undefined) this.addSubscription(new EmailSubscription(email));
  }
}
