import { MultipartBody, MultipartUserData, UserData } from "aws-cdk-lib/aws-ec2";

/** Where a machine's fast disks are, and what the trainer is given of it. */
export const SCRATCH = "/scratch";

/** ECS ends a container with SIGKILL that long after SIGTERM. A spot machine is gone 120 s after it was said. */
export const STOP_TIMEOUT_SECONDS = 110;

/**
 * What a machine does first, as a script of its own. All disks of its own become one; without any, the folder is on the system's disk. What has no NVMe trains, too,
 * as far as its disk goes.
 */
export const MACHINE_START = `set -eu
mkdir -p ${SCRATCH}
disks=$(lsblk --nodeps --noheadings --paths --output NAME,MODEL | awk '/Amazon EC2 NVMe Instance Storage/ { print $1 }')
count=$(printf '%s\\n' "$disks" | grep -c . || true)
if [ "$count" -gt 1 ]; then
  command -v mdadm >/dev/null || dnf --assumeyes install mdadm
  # shellcheck disable=SC2086
  mdadm --create /dev/md0 --run --level=0 --raid-devices="$count" $disks
  disks=/dev/md0
fi
if [ "$count" -gt 0 ]; then
  mkfs.xfs -f "$disks"
  mount -o noatime "$disks" ${SCRATCH}
fi
chmod 1777 ${SCRATCH}
modprobe efa || true
cat >>/etc/ecs/ecs.config <<'END'
ECS_ENABLE_SPOT_INSTANCE_DRAINING=true
ECS_CONTAINER_STOP_TIMEOUT=${STOP_TIMEOUT_SECONDS}s
ECS_ENABLE_GPU_SUPPORT=true
END`;

/** In parts, as AWS Batch wants it: it adds one of its own (AWS Batch, "Amazon EC2 user data in launch templates"). */
export function machineUserData(): MultipartUserData {
  const parts = new MultipartUserData();
  parts.addPart(MultipartBody.fromUserData(UserData.custom(`#!/bin/bash\n${MACHINE_START}\n`)));
  return parts;
}
