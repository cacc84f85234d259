import type { ConnectFlags } from "../connect/flags.ts";
import type { Define } from "../define.ts";
import { addServingFlags } from "../gateway/flags.ts";

export const define: Define = (command, io) => {
  command
    .argument("[args...]", "for Claude Code, behind --")
    .option("--endpoint <url>", "a gateway that is running already")
    .option("--key-env <name>", "environment variable that holds the key for --endpoint");
  addServingFlags(command)
    .option("--claude <path>", "the claude program (default: the one on the PATH)")
    .option("--log <file>", "where the gateway's lines go (default: a file that is named at the end)")
    .addHelpText(
      "after",
      `
Starts a gateway of its own on a free loopback port with a fresh key, or takes the one at --endpoint, and runs Claude
Code on it, set up for the model's window. What stands behind -- goes to Claude Code unchanged; its exit status is ours.
Your own settings of Claude Code stay as they are, but those that would lead to another model or server do not count.

Examples:
  serac connect --upstream http://127.0.0.1:8000
  serac connect --upstream http://gpu:8000 --model my-service -- --continue
  serac connect --endpoint https://models.example --key-env SERAC_KEY -- -p "Why does test_rates fail?"`,
    )
    .action(async (args: readonly string[], flags: ConnectFlags) => {
      const { connect } = await import("../connect/connect.ts");
      await connect(args, flags, io);
    });
};
