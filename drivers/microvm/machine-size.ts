export { machineSize } from "../../core/config/cloud/machine-size.ts";
