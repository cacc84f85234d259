"""Lists the functions of every Python file below a folder as the standard library's `ast` sees them: one JSON line a file."""

import ast
import json
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")


def functions(tree):
    found = []

    def visit(node, scope):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                found.append([".".join([*scope, child.name]), child.lineno, child.end_lineno])
                visit(child, [*scope, child.name])
            elif isinstance(child, ast.ClassDef):
                visit(child, [*scope, child.name])
            else:
                visit(child, scope)

    sys.setrecursionlimit(20000)
    visit(tree, [])
    return found


root = Path(sys.argv[1])
for file in sorted(root.rglob("*.py")):
    line = {"path": file.relative_to(root).as_posix()}
    try:
        line["functions"] = functions(ast.parse(file.read_bytes()))
    except (SyntaxError, ValueError) as error:
        line["error"] = str(error)
    print(json.dumps(line))
