import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import type { TrainingSettings } from "../../../core/config/cloud/training.ts";
import { startBatchService, type BatchService } from "../../cloud/batch-service.ts";
import { REGION } from "../../cloud/ministack.ts";
import { removeFolder, temporaryFolder } from "../../folder.ts";
import { SFT_FOLDER, trainerPython } from "../../images/python.ts";
import { tinyBase } from "../../images/tiny-base.ts";
import { startCloud, type Cloud } from "./cloud.ts";
import { put } from "./drops.ts";

/** As the test's base lies in the bucket. */
export const TINY = "serac-test/tiny";

/** One GPU, or so AWS Batch is told. */
const SETTINGS: TrainingSettings = {
  machines: [
    {
      machine: "g6e.xlarge",
      maxMachines: 2,
      vcpus: 4,
      memoryMib: 28_000,
      gpus: 1,
      queues: { spot: "trainings-spot", "on-demand": "trainings-on-demand" },
      jobDefinitions: { oneNode: "trainer" },
    },
  ],
  isSpotAlone: false,
};

/** Of the time limits of jobs: half an hour is four seconds, and 300 hours are half an hour. */
const SECOND_MS = 2;

export interface TrainingCloud {
  readonly cloud: Cloud;
  readonly batch: BatchService;
  stop(): Promise<void>;
}

/** A deployment with training, whose jobs are the real trainer on a processor, against the deployment's own bucket. */
export async function startTrainingCloud(): Promise<TrainingCloud> {
  const folder = temporaryFolder();
  await using undo = new AsyncDisposableStack();
  undo.defer(() => removeFolder(folder));
  const [python, base] = await Promise.all([trainerPython(), tinyBase()]);
  let cloud: Cloud | undefined;
  const batch = undo.adopt(
    await startBatchService({
      secondMs: SECOND_MS,
      program: ({ command, jobId, attempt }) => ({
        command: python,
        // Each machine has a disk of its own, which goes with it.
        args: ["-m", "serac_sft", ...command, "--scratch", join(folder, `${jobId}-${attempt}`), "--device", "cpu"],
        cwd: SFT_FOLDER,
        env: { ...awsOf(cloud!), OMP_NUM_THREADS: "1", HF_HUB_OFFLINE: "1", PYTHONDONTWRITEBYTECODE: "1", HOME: folder },
      }),
      // What the rule of the stack does.
      onEvent: async (event) => {
        await cloud!.clients.sqs.send(new SendMessageCommand({ QueueUrl: cloud!.forge["TrainQueue"], MessageBody: JSON.stringify(event) }));
      },
    }),
    (service) => service.stop(),
  );
  cloud = undo.adopt(await startCloud({ training: { settings: SETTINGS, endpoint: batch.endpoint } }), (started) => started.stop());
  for (const file of await readdir(base)) await put(cloud, `bases/${TINY}/${file}`, await readFile(join(base, file)));
  const owned = undo.move();
  return { cloud, batch, stop: () => owned.disposeAsync() };
}

const awsOf = ({ ministack: { endpoint, credentials } }: Cloud): Record<string, string> => ({
  PATH: process.env["PATH"] ?? "",
  AWS_ENDPOINT_URL: endpoint,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_REGION: REGION,
  AWS_DEFAULT_REGION: REGION,
  AWS_EC2_METADATA_DISABLED: "true",
});
