/** `swe-agent`: the student's three tools, mapped to Claude Code's. `native`: the client's own tools. */
export const PROFILES = ["swe-agent", "native"] as const;
