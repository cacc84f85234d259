import { describe, expect, it } from "vitest";
import { blockedReason } from "../../../../core/agent/toolsets/swe-agent/blocked.ts";

describe("interactive programs", () => {
  it.each([
    "vim a.py",
    "vi",
    "emacs -nw a",
    "nano a",
    "gdb ./a.out",
    "less README",
    "/usr/bin/vim a",
    "tail -f log",
    "tail -n 3 -f log",
    "tail --follow log",
    "python",
    "python3",
    " ipython ",
    "bash",
    "sh",
    "su",
    "cd /testbed && vim a.py",
    "ls; python3",
    "ls\nnano a",
    "X=1 vim a",
    "sudo vi a",
    "for f in *; do vim $f; done",
    "(vim a)",
    "git status || less a",
    "cat a |& tee b; less b",
  ])("are refused: %s", (command) => {
    expect(blockedReason(command)).toMatch(/interactive/);
  });

  it.each([
    "vitest run",
    "python manage.py makemigrations",
    "virtualenv .v",
    "make",
    "make test",
    "python a.py",
    "python3 -c 'print(1)'",
    "python -m pytest",
    "bash script.sh",
    "sh -c ls",
    "tail -n 5 log",
    "tail log",
    "echo vim",
    "echo 'vim a; nano b'",
    'grep "less" a',
    "git log | less",
    "echo 'print(1)' | python3",
    "python3 < a.py",
    "python - <<'EOF'\nvim\nEOF",
    "cat > notes.md <<EOF\nless is more\nvim is an editor\nEOF",
    "ls # then vim\n",
    "sum=1; supervisor",
    "git log |\n less",
    "echo ${vi}",
    "editors=(vi nano)",
    "cat less.py",
    "ls 2>&1",
    "lessc a.less",
    "./vim-test",
    "echo a \\\n vim",
    "npm run nano",
  ])("are not: %s", (command) => {
    expect(blockedReason(command)).toBeNull();
  });
});
