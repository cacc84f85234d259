import { readMessagesRequest } from "../../../../../core/gateway/client/read-request.ts";
import { profileNamed } from "../../../../../core/gateway/profiles/index.ts";

/** Reads `{request, model}` from the standard input and prints what the model would be asked. */
const chunks: Buffer[] = [];
for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
const { request, model } = JSON.parse(Buffer.concat(chunks).toString("utf8"));
const read = readMessagesRequest(request);
if (!read.ok) throw new Error(read.problem);
const plan = profileNamed(model.profile).plan(read.request, model);
process.stdout.write(JSON.stringify(plan.kind === "ask" ? plan.chat : plan.reply(() => "x")));
