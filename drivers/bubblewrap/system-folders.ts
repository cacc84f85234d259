import { cpSync, existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { AGENT_HOME, AGENT_ID } from "./system-view.ts";

/** What programs need of the host's /etc. Everything else there may be private: passwords, keys, tokens. */
const ETC_ENTRIES = `
  alternatives ca-certificates ca-certificates.conf crypto-policies debian_version fonts gai.conf host.conf inputrc
  java-8-openjdk java-11-openjdk java-17-openjdk java-21-openjdk java-25-openjdk ld.so.cache ld.so.conf ld.so.conf.d
  locale.alias locale.conf localtime magic magic.mime mime.types os-release perl php
  pki/ca-trust pki/tls/certs pki/tls/cert.pem protocols python3 python3.10 python3.11 python3.12 python3.13 python3.14
  rpc services ssl/certs ssl/cert.pem ssl/openssl.cnf terminfo timezone xml
`
  .trim()
  .split(/\s+/);
/** Only while `install` runs with the network: where packages come from. */
const APT_ENTRIES = "apt/apt.conf.d apt/keyrings apt/preferences.d apt/sources.list apt/sources.list.d apt/trusted.gpg.d dpkg".split(" ");

/** Makes `etc`, `var`, `home` and `opt` of the system inside, in an empty folder that only we have written to. */
export async function makeSystemFolders(base: string, mounts: readonly string[], forInstall: boolean): Promise<void> {
  const etc = path.join(base, "etc");
  for (const folder of ["etc", "home", "opt", "var/cache", "var/lib/dpkg", "var/log", "var/tmp"])
    await mkdir(path.join(base, folder), { recursive: true });
  // Mount points inside folders that are read-only later.
  for (const mount of mounts) if (/^\/(opt|var)\//.test(mount)) await mkdir(path.join(base, mount), { recursive: true });
  copyThose(ETC_ENTRIES, "/etc", etc);
  await writeFile(
    path.join(etc, "passwd"),
    `root:x:0:0:root:/root:/bin/bash\nagent:x:${AGENT_ID}:${AGENT_ID}:agent:${AGENT_HOME}:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n`,
  );
  await writeFile(path.join(etc, "group"), `root:x:0:\nagent:x:${AGENT_ID}:\nnogroup:x:65534:\n`);
  await writeFile(path.join(etc, "hosts"), "127.0.0.1 localhost testbed\n::1 localhost\n");
  await writeFile(path.join(etc, "hostname"), "testbed\n");
  await writeFile(path.join(etc, "nsswitch.conf"), "passwd: files\ngroup: files\nhosts: files dns\n");
  await writeFile(path.join(etc, "resolv.conf"), "");
  if (!forInstall) return;
  copyThose(APT_ENTRIES, "/etc", etc);
  copyThose(["resolv.conf"], "/etc", etc, true);
  copyThose(["dpkg"], "/var/lib", path.join(base, "var/lib"));
  if (existsSync(path.join(etc, "apt"))) {
    await mkdir(path.join(etc, "apt/apt.conf.d"), { recursive: true });
    // There is one user inside, so apt cannot change to another.
    await writeFile(path.join(etc, "apt/apt.conf.d/99serac"), 'APT::Sandbox::User "root";\n');
    // Overrides name groups of the host, which are not there inside.
    await writeFile(path.join(base, "var/lib/dpkg/statoverride"), "");
    await mkdir(path.join(base, "var/lib/apt/lists/partial"), { recursive: true });
    await mkdir(path.join(base, "var/cache/apt/archives/partial"), { recursive: true });
  }
}

function copyThose(names: readonly string[], from: string, to: string, dereference = false): void {
  for (const name of names) {
    const source = path.join(from, name);
    if (!existsSync(source)) continue;
    try {
      cpSync(source, path.join(to, name), { recursive: true, verbatimSymlinks: !dereference, dereference, force: true });
    } catch {
      // Not readable for this user, so not part of the system inside.
    }
  }
}
