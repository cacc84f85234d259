import { MICROVM_MEMORY_MIB } from "./microvm.ts";

/** System, tool server and git, beside the workspace. */
const OWN_MIB = 768;
const BURST = 4;

/**
 * The baseline whose burst holds the workspace's processes and its disk, which lies in memory. Time is billed by the baseline, and
 * what goes beyond it by use. MiB.
 */
export function machineSize(limits: { readonly memoryMb: number; readonly diskMb: number }, atLeastMib: number): number {
  const needed = limits.memoryMb + limits.diskMb + OWN_MIB;
  const largest = MICROVM_MEMORY_MIB.at(-1)!;
  return MICROVM_MEMORY_MIB.find((baseline) => baseline >= atLeastMib && baseline * BURST >= needed) ?? largest;
}
