import { setFlagsFromString } from "node:v8";

/**
 * Has V8 collect sooner than it would: an export makes garbage of everything it reads, and left alone V8 lets that grow to some hundred
 * MB before it looks. Measured on 8,000 trajectories: peak 200 MB instead of 410, at the same speed. Returns what undoes it.
 */
export function keepHeapLean(): () => void {
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--heap-growing-percent=100");
  return () => {
    setFlagsFromString("--semi-space-growth-factor=2");
    setFlagsFromString("--heap-growing-percent=0");
  };
}
