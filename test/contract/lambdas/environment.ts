/** What the stacks tell a function, for one that calls nobody. */
export function functionEnvironment(): Record<string, string> {
  const queues = ["PREPARE", "WORK", "FINISH", "TRAIN"].flatMap((name) => [
    [`SERAC_QUEUE_${name}`, `https://sqs.us-east-1.amazonaws.com/111111111111/${name}`],
    [`SERAC_DEAD_${name}`, `https://sqs.us-east-1.amazonaws.com/111111111111/${name}-dead`],
  ]);
  return {
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    SERAC_TABLE: "serac-state",
    SERAC_BUCKET: "serac-artifacts",
    SERAC_VERSION: "0.0.0-test",
    SERAC_GATEWAY: JSON.stringify({ models: [{ name: "student", url: "http://127.0.0.1:9" }] }),
    ...Object.fromEntries(queues),
  };
}
