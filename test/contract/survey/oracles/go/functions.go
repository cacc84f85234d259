// Lists the function declarations with a body of every Go file below a folder as go/ast sees them: one JSON line a file.
package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

type line struct {
	Path      string  `json:"path"`
	Functions [][]any `json:"functions,omitempty"`
	Error     string  `json:"error,omitempty"`
}

func main() {
	root := os.Args[1]
	out := json.NewEncoder(os.Stdout)
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		return out.Encode(read(path, filepath.ToSlash(relative)))
	})
	if err != nil {
		panic(err)
	}
}

func read(path, name string) line {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return line{Path: name, Error: err.Error()}
	}
	found := [][]any{}
	for _, declaration := range file.Decls {
		if function, ok := declaration.(*ast.FuncDecl); ok && function.Body != nil {
			from, to := files.PositionFor(function.Type.Func, false), files.PositionFor(function.End(), false)
			found = append(found, []any{receiver(function) + function.Name.Name, from.Line, to.Line})
		}
	}
	return line{Path: name, Functions: found}
}

func receiver(function *ast.FuncDecl) string {
	if function.Recv == nil || len(function.Recv.List) == 0 {
		return ""
	}
	expression := function.Recv.List[0].Type
	for {
		switch node := expression.(type) {
		case *ast.StarExpr:
			expression = node.X
		case *ast.ParenExpr:
			expression = node.X
		case *ast.IndexExpr:
			expression = node.X
		case *ast.IndexListExpr:
			expression = node.X
		case *ast.Ident:
			return node.Name + "."
		default:
			return ""
		}
	}
}
