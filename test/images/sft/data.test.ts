import { pythonTests } from "./python-tests.ts";

pythonTests([
  "test_data_base.py",
  "test_data_events.py",
  "test_data_golden.py",
  "test_data_labels.py",
  "test_data_prepare.py",
  "test_data_rows.py",
  "test_data_split.py",
  "test_data_storage.py",
]);
