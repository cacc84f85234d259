import { pythonTests } from "./python-tests.ts";

pythonTests(["test_launch.py"]);
