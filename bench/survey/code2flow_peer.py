"""code2flow (PyPI) over a source tree, as SERA surveys a repository. Prints one JSON line: functions, seconds, peakRssMb."""

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from code2flow.engine import code2flow

tree = sys.argv[1]
with tempfile.TemporaryDirectory() as scratch:
    out = Path(scratch) / "graph.json"
    start = time.perf_counter()
    code2flow([tree], str(out), language="py", skip_parse_errors=True, level=50)
    seconds = time.perf_counter() - start
    nodes = json.loads(out.read_text())["graph"]["nodes"]
functions = [node for node in nodes.values() if not node["name"].endswith("(global)")]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"functions": len(functions), "seconds": round(seconds, 1), "peakRssMb": round(peak)}))
