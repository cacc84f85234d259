import { defineCommand } from "just-bash";

/** `ls` of several files: just-bash 3.4 puts an empty line between them, so each is listed on its own. */
export const listCommand = defineCommand("ls", async (args, context) => {
  const list = context.origCommand;
  if (list === undefined) return { stdout: "", stderr: "bash: ls: command not found\n", exitCode: 127 };
  const flags = args.filter((arg) => arg.startsWith("-"));
  const operands = args.filter((arg) => !arg.startsWith("-"));
  const isPlain = async (path: string): Promise<boolean> => {
    const absolute = context.fs.resolvePath(context.cwd, path);
    return (await context.fs.exists(absolute)) && !(await context.fs.stat(absolute)).isDirectory;
  };
  const areAllFiles = (await Promise.all(operands.map(isPlain))).every(Boolean);
  if (operands.length < 2 || !areAllFiles) return list([...args]);
  let stdout = "";
  for (const file of operands.toSorted()) stdout += (await list([...flags, file])).stdout;
  return { stdout, stderr: "", exitCode: 0 };
});
