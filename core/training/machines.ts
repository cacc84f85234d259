import { MACHINE_SHAPES } from "../config/cloud/machine-shapes.ts";
import type { TrainingMachine } from "../config/cloud/machines.ts";
import type { MachineCapacity } from "../config/cloud/training.ts";
import type { Range } from "../plan/range.ts";

/** What training has to know of one machine. Bytes are bytes, not GiB. */
export interface MachineFacts {
  readonly gpu: "L40S" | "A100 40GB" | "A100 80GB" | "H100" | "H200";
  readonly gpus: number;
  /** Of one GPU. */
  readonly gpuBytes: number;
  /** Of one GPU in BF16, without sparsity. */
  readonly tflops: number;
  /** How its GPUs reach each other. */
  readonly link: "nvlink" | "pcie";
  readonly vcpus: number;
  readonly memoryBytes: number;
  readonly nvmeBytes: number;
  /** Whether several of them can train together, over an Elastic Fabric Adapter. */
  readonly hasEfa: boolean;
  /** Of one machine an hour, in USD. */
  readonly onDemandUsd: number;
  readonly spotUsd: Range;
  /** Null: AWS sells no capacity blocks of it, or we know no price. */
  readonly blockUsd: number | null;
}

export const PRICES = {
  region: "us-east-1",
  /** Of the prices on demand, which move seldom. */
  asOf: "2026-07-20",
  onDemand: "AWS Price List for us-east-1, as the Karpenter provider for AWS has it of 2026-07-20 (zz_generated.pricing_aws.go)",
  spot:
    "spot prices of the zones of us-east-1 in SkyPilot's catalogue of 2026 (aws/vms.csv, e385a0d); they move every hour. g6e.xlarge and " +
    "g6e.48xlarge: the share of the price on demand that g6e.12xlarge asks",
  block: "EC2 Capacity Blocks for ML: p5en since January 2026, p5 and p4d the list of 2024; AWS sets them anew each quarter",
} as const;

const MIB = 2 ** 20;
const GB = 1e9;

/** GPUs: data sheets of NVIDIA for L40S, A100, H100 SXM and H200 SXM. Memory of a GPU and local disks: EC2's DescribeInstanceTypes. */
const GPUS = {
  "g6e.xlarge": { gpu: "L40S", gpuBytes: 45_776 * MIB, tflops: 362, link: "pcie", nvmeBytes: 250 * GB },
  "g6e.12xlarge": { gpu: "L40S", gpuBytes: 45_776 * MIB, tflops: 362, link: "pcie", nvmeBytes: 3800 * GB },
  "g6e.48xlarge": { gpu: "L40S", gpuBytes: 45_776 * MIB, tflops: 362, link: "pcie", nvmeBytes: 7600 * GB },
  "p4d.24xlarge": { gpu: "A100 40GB", gpuBytes: 40_960 * MIB, tflops: 312, link: "nvlink", nvmeBytes: 8000 * GB },
  "p4de.24xlarge": { gpu: "A100 80GB", gpuBytes: 81_920 * MIB, tflops: 312, link: "nvlink", nvmeBytes: 8000 * GB },
  "p5.48xlarge": { gpu: "H100", gpuBytes: 81_920 * MIB, tflops: 989, link: "nvlink", nvmeBytes: 30_400 * GB },
  "p5en.48xlarge": { gpu: "H200", gpuBytes: 144_384 * MIB, tflops: 989, link: "nvlink", nvmeBytes: 30_400 * GB },
} as const satisfies Record<TrainingMachine, Partial<MachineFacts>>;

const USD = {
  "g6e.xlarge": { onDemandUsd: 1.861, spotUsd: { low: 0.59, likely: 0.88, high: 1.17 }, blockUsd: null },
  "g6e.12xlarge": { onDemandUsd: 10.4926, spotUsd: { low: 3.3, likely: 4.95, high: 6.6 }, blockUsd: null },
  "g6e.48xlarge": { onDemandUsd: 30.1312, spotUsd: { low: 9.5, likely: 14.2, high: 19 }, blockUsd: null },
  "p4d.24xlarge": { onDemandUsd: 21.9576, spotUsd: { low: 6.29, likely: 12.5, high: 14.11 }, blockUsd: 14.75 },
  "p4de.24xlarge": { onDemandUsd: 27.4471, spotUsd: { low: 9.73, likely: 10.6, high: 11.46 }, blockUsd: null },
  "p5.48xlarge": { onDemandUsd: 55.04, spotUsd: { low: 14.25, likely: 31, high: 55.04 }, blockUsd: 39.33 },
  "p5en.48xlarge": { onDemandUsd: 63.296, spotUsd: { low: 19.17, likely: 19.54, high: 19.91 }, blockUsd: 41.61 },
} as const satisfies Record<TrainingMachine, Partial<MachineFacts>>;

export function machineFacts(machine: TrainingMachine): MachineFacts {
  const { vcpus, memoryGib, gpus, efaCards } = MACHINE_SHAPES[machine];
  return { ...GPUS[machine], ...USD[machine], vcpus, gpus, memoryBytes: memoryGib * 2 ** 30, hasEfa: efaCards > 0 };
}

/** USD of one machine an hour. A block without a known price counts as on demand. */
export function usdAnHour(machine: TrainingMachine, capacity: MachineCapacity): Range {
  const { onDemandUsd, spotUsd, blockUsd } = machineFacts(machine);
  if (capacity === "spot") return spotUsd;
  const usd = capacity === "block" ? (blockUsd ?? onDemandUsd) : onDemandUsd;
  return { low: usd, likely: usd, high: usd };
}
