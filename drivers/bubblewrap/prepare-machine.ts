import type { PrepareRequest } from "../../core/agent/sandbox.ts";
import type { ControlOptions, ControlResult } from "./run-on-control.ts";
import { startMachine, type Machine } from "./machine.ts";
import { limitProcesses, resourceLimits } from "./enforcement.ts";
import { innerCommand, type InnerPlan } from "./inner.ts";
import { quote } from "./quote.ts";
import { AGENT_ID, agentEnvironment } from "./system-view.ts";
import { controlView, innerView } from "./views.ts";
import type { WorkspaceDeps } from "./workspace.ts";

/** A machine in which the base is still writable. */
export interface PrepareMachine {
  readonly machine: Machine;
  /** /usr can be written to, its changes going into a layer. */
  readonly hasLayer: boolean;
  /** A bash command in an inner wall at /testbed: as the agent, or as the one who installs. */
  runInside(command: string, as: "agent" | "installer", options?: ControlOptions): Promise<ControlResult>;
  close(): Promise<void>;
}

/** For package managers, which change owners and modes; inside the user namespace of the machine only. */
const INSTALL_CAPABILITIES = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "SETUID", "SETGID", "SETFCAP", "SYS_CHROOT", "KILL"];
/** How this host reaches the network. Passed on to `install` alone; certificates only where their file can be seen inside. */
const PROXY_VARIABLES = ["http_proxy", "https_proxy", "no_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"];
const CERTIFICATE_VARIABLES = [
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "PIP_CERT",
  "REQUESTS_CA_BUNDLE",
  "CURL_CA_BUNDLE",
  "NODE_EXTRA_CA_CERTS",
  "GIT_SSL_CAINFO",
];
const SET_UP_TMP = "mount -t tmpfs -o mode=700 tmpfs /g && mkdir -m 1777 /g/tmp /g/vartmp /g/shm";

export async function prepareMachine(
  request: PrepareRequest,
  deps: WorkspaceDeps,
  base: string,
  network: boolean,
): Promise<PrepareMachine> {
  const { system, enforcement } = deps;
  const group = enforcement.groups?.create(request.limits) ?? null;
  const machine = await startMachine({
    view: controlView(system, base, "writes"),
    network,
    joinFiles: group?.joinFiles ?? [],
    scratch: deps.scratch,
    ...(request.signal && { signal: request.signal }),
  }).catch(async (error: unknown) => {
    await group?.remove();
    throw error;
  });
  const close = async (): Promise<void> => {
    await machine.kill();
    await group?.remove();
  };
  try {
    await machine.run(`${limitProcesses(enforcement, request.limits)}; ${SET_UP_TMP}; ${PREPARE_GIT_ENVIRONMENT}`);
    const layer = network && deps.allowOverlay ? await machine.run(MOUNT_LAYER) : null;
    const hasLayer = layer?.status === 0;
    const wall = (as: "agent" | "installer"): string => {
      const isAgent = as === "agent";
      const capabilities = isAgent ? [] : INSTALL_CAPABILITIES.map((name) => ["--cap-add", `CAP_${name}`]);
      const plan: InnerPlan = {
        view: innerView(system, {
          usr: hasLayer ? "/agent/usr" : "/usr",
          home: "/base/home",
          disk: "/g",
          system: isAgent ? "reads" : "writes",
        }),
        environment: {
          ...agentEnvironment(system.path),
          DEBIAN_FRONTEND: "noninteractive",
          ...(network && networkEnvironment(process.env)),
        },
        userId: isAgent ? AGENT_ID : 0,
        resourceLimits: [],
      };
      return innerCommand(plan, [...(network ? [] : [["--unshare-net"]]), ["--cap-drop", "ALL"], ...capabilities]);
    };
    const limits = ["-c 0", ...resourceLimits(enforcement, request.limits)].map((limit) => `ulimit ${limit}`).join("; ");
    return {
      machine,
      hasLayer,
      runInside: (command, as, options) =>
        machine.run(`( ${limits}; exec ${wall(as)} bash --noprofile --norc -c ${quote(command)} 96<&- 98>&- 99>&- )`, options),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** For control, while the base is made. */
export const PREPARE_GIT_ENVIRONMENT = [
  "export GIT_DIR=/base/git GIT_WORK_TREE=/testbed GIT_INDEX_FILE=/base/index GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null",
  "export GIT_ATTR_NOSYSTEM=1 GIT_LITERAL_PATHSPECS=1 GIT_TERMINAL_PROMPT=0 GIT_NO_REPLACE_OBJECTS=1",
].join("; ");

const MOUNT_LAYER =
  "mkdir /base/usr /base/usr.work && mount -t overlay overlay -o lowerdir=/usr,upperdir=/base/usr,workdir=/base/usr.work,userxattr /agent/usr";

function networkEnvironment(host: NodeJS.ProcessEnv): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of PROXY_VARIABLES) if (host[name]) kept[name] = host[name];
  for (const name of CERTIFICATE_VARIABLES) if (/^\/(etc\/ssl|usr)\//.test(host[name] ?? "")) kept[name] = host[name]!;
  return kept;
}
