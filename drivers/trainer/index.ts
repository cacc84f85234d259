export { createDockerTrainer } from "./docker.ts";
export { installedPython, installTrainer } from "./install.ts";
export { createPythonTrainer } from "./python.ts";
