import type { Define } from "../define.ts";
import { addServingFlags } from "../gateway/flags.ts";
import type { GatewayFlags } from "../gateway/serve.ts";

export const define: Define = (command, io) => {
  addServingFlags(command)
    .option("--port <n>", "where to listen; 0 takes a free port", "8080")
    .option("--host <address>", "whom to listen to; anything but this machine needs keys", "127.0.0.1")
    .option("--key-env <name>", "environment variable that holds the one key that clients must send")
    .option("--keys <file>", "the keys that clients may send: a YAML list or JSON lines of {id, sha256 or keyEnv}")
    .option("--new-key <id>", "print a fresh key and its line for the file of keys, and end")
    .option("--requests-per-minute <n>", "for each key that has no limit of its own")
    .option("--tokens-per-minute <n>", "prompt and answer together, for each key that has no limit of its own")
    .option("--json", "print JSON lines: listening, one a request, stopped")
    .addHelpText(
      "after",
      `
Claude Code, unchanged, works with the model behind it. The profile swe-agent gives the model the tools it was trained
with and maps them to Claude Code's; native passes Claude Code's own tools on. One line is printed for each request, with
times and counts and never with content. Ctrl-C ends it. \`serac connect\` starts a gateway and Claude Code together.

Examples:
  serac gateway --upstream http://127.0.0.1:8000
  serac gateway --upstream http://gpu:8000 --model my-service --profile swe-agent --port 9000
  serac gateway --upstream http://gpu:8000 --host 0.0.0.0 --keys keys.yaml --requests-per-minute 60`,
    )
    .action(async (flags: GatewayFlags) => {
      const { serve } = await import("../gateway/serve.ts");
      await serve(flags, io);
    });
};
