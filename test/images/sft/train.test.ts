import { pythonTests } from "./python-tests.ts";

pythonTests([
  "test_train_bench.py",
  "test_train_gates.py",
  "test_train_refusals.py",
  "test_train_resume.py",
  "test_train_sharded.py",
  "test_train_uploads.py",
]);
