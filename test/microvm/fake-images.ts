import { removeFolder, temporaryFolder } from "../folder.ts";
import { installRoot, startGuest } from "./guest.ts";
import { unzip } from "./unzip.ts";

export type FakeImageState = "CREATING" | "CREATED" | "CREATE_FAILED" | "DELETING";

export interface FakeImage {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly tags: Record<string, string>;
  /** Where its container's files are. */
  readonly root: string;
  state: FakeImageState;
  stateReason: string | null;
  /** How its guests are started. */
  command: readonly string[];
  readonly log: string[];
  /** The build is over, however it went. */
  built: Promise<void>;
}

export interface BuildOptions {
  readonly name: string;
  readonly arn: string;
  readonly tags: Record<string, string>;
  readonly readyMs: number;
  readonly archive: () => Promise<Buffer>;
  /** The service's own reason to fail, whatever is in the archive. */
  readonly failure: string | null;
}

/** Builds as the service does: container, `/ready` until it says yes, then the snapshot, which is what the container wrote. */
export function startBuild({ name, arn, tags, readyMs, archive, failure }: BuildOptions): FakeImage {
  const image: FakeImage = {
    name,
    arn,
    tags,
    createdAt: Date.now(),
    root: temporaryFolder(),
    state: "CREATING",
    stateReason: null,
    command: [],
    log: [],
    built: Promise.resolve(),
  };
  image.built = build(image, readyMs, archive, failure).then(
    () => {
      if (image.state === "CREATING") image.state = "CREATED";
    },
    (error: unknown) => {
      image.stateReason = error instanceof Error ? error.message : String(error);
      if (image.state === "CREATING") image.state = "CREATE_FAILED";
    },
  );
  return image;
}

async function build(image: FakeImage, readyMs: number, archive: () => Promise<Buffer>, failure: string | null): Promise<void> {
  if (failure !== null) throw new Error(failure);
  image.command = installRoot(unzip(await archive()), image.root);
  const guest = startGuest(image.root, image.command);
  try {
    const until = Date.now() + readyMs;
    for (;;) {
      const status = await guest.hook("ready", "");
      if (status === 200 || image.state === "DELETING") return;
      if (status !== 503 || Date.now() > until) throw new Error("READY_HOOK_FAILED");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  } finally {
    await guest.kill();
    image.log.push(...guest.log);
  }
}

/** Its files go when its build is over: nobody writes into them any more. */
export async function removeImage(image: FakeImage): Promise<void> {
  image.state = "DELETING";
  await image.built;
  await removeFolder(image.root);
}
