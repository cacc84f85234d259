import { mkdir, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { installedPackage, pythonWith } from "../packages.ts";
import { SERVER_CORE, startServer, type Server } from "./server.ts";

const HERE = import.meta.dirname;
const ROOT = resolve(HERE, "../..");

/** Something that stands between the load generator and the mock. */
export interface Contestant {
  readonly name: string;
  /** A fresh process in front of the mock; what it writes goes to `folder`. */
  start(mockUrl: string, folder: string): Promise<Server>;
}

const script = (name: string, file: string): Contestant => ({
  name,
  start: (mockUrl) => startServer(SERVER_CORE, { command: process.execPath, args: [join(HERE, file), mockUrl], url: null }),
});

/** From the bundle that the package ships, which is what users run. */
const serac = (profile: "swe-agent" | "native"): Contestant => ({
  name: `serac, ${profile}`,
  start: (mockUrl) =>
    startServer(SERVER_CORE, {
      command: process.execPath,
      args: [
        join(ROOT, "dist/serac.js"),
        "gateway",
        "--upstream",
        mockUrl,
        "--model",
        "student",
        "--profile",
        profile,
        "--port",
        "0",
        "--json",
      ],
      url: null,
    }),
});

const ROUTER = { name: "@musistudio/claude-code-router", version: "2.0.0" };

const router: Contestant = {
  name: `claude-code-router ${ROUTER.version}`,
  async start(mockUrl, folder) {
    const port = await freePort();
    const home = join(folder, `router-${port}`);
    await mkdir(join(home, ".claude-code-router"), { recursive: true });
    const provider = { name: "mock", api_base_url: `${mockUrl}/v1/chat/completions`, api_key: "unused", models: ["student"] };
    const config = {
      LOG: false,
      HOST: "127.0.0.1",
      PORT: port,
      NON_INTERACTIVE_MODE: true,
      Providers: [provider],
      Router: { default: "mock,student" },
    };
    await writeFile(join(home, ".claude-code-router/config.json"), JSON.stringify(config));
    const cli = join(await installedPackage(ROUTER), "dist/cli.js");
    const env = { PATH: process.env["PATH"], HOME: home };
    return startServer(SERVER_CORE, { command: process.execPath, args: [cli, "start"], env, url: `http://127.0.0.1:${port}` });
  },
};

const litellm: Contestant = {
  name: "LiteLLM 1.106.2",
  async start(mockUrl, folder) {
    const port = await freePort();
    const model = { model_name: "student", litellm_params: { model: "hosted_vllm/student", api_base: `${mockUrl}/v1`, api_key: "unused" } };
    const config = join(folder, `litellm-${port}.json`);
    // JSON is YAML.
    await writeFile(config, JSON.stringify({ model_list: [model], litellm_settings: { telemetry: false } }));
    const python = await pythonWith(join(HERE, "litellm.txt"));
    return startServer(SERVER_CORE, {
      command: python,
      args: [join(python, "../litellm"), "--config", config, "--host", "127.0.0.1", "--port", String(port), "--num_workers", "1"],
      cwd: folder,
      env: {
        PATH: process.env["PATH"],
        HOME: folder,
        LITELLM_LOCAL_MODEL_COST_MAP: "True",
        LITELLM_LOG: "ERROR",
        LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY: "true",
      },
      url: `http://127.0.0.1:${port}`,
    });
  },
};

export const OURS = [serac("swe-agent"), serac("native")] as const;
export const FLOORS = [script("byte pipe", "pipe.ts"), script("minimal translator", "minimal.ts")] as const;
export const PEERS = [router, litellm] as const;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
