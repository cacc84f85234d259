import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Lists the methods with a body of every Java file below a folder as javac's tree API sees them: one JSON line a file. */
public class Functions {
  public static void main(String[] arguments) throws Exception {
    Path root = Path.of(arguments[0]).toRealPath();
    List<Path> files;
    try (Stream<Path> walk = Files.walk(root)) {
      files = walk.filter(path -> path.toString().endsWith(".java")).sorted().toList();
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task = (JavacTask) compiler.getTask(null, manager, diagnostic -> {}, List.of("-proc:none"), null, manager.getJavaFileObjectsFromPaths(files));
      Trees trees = Trees.instance(task);
      for (CompilationUnitTree unit : task.parse()) {
        System.out.println(line(root, unit, trees));
      }
    }
  }

  private static String line(Path root, CompilationUnitTree unit, Trees trees) {
    List<String> found = new ArrayList<>();
    new TreeScanner<Void, String>() {
      @Override
      public Void visitClass(ClassTree tree, String scope) {
        String name = tree.getSimpleName().toString();
        return super.visitClass(tree, name.isEmpty() ? scope : scope + name + ".");
      }

      @Override
      public Void visitMethod(MethodTree tree, String scope) {
        String name = tree.getName().toString();
        if (name.equals("<init>")) {
          name = scope.substring(scope.lastIndexOf('.', scope.length() - 2) + 1, scope.length() - 1);
        }
        if (tree.getBody() != null) {
          found.add("[\"" + scope + name + "\"," + row(tree, true) + "," + row(tree, false) + "]");
        }
        return super.visitMethod(tree, scope + name + ".");
      }

      private long row(Tree tree, boolean start) {
        long position = start ? trees.getSourcePositions().getStartPosition(unit, tree) : trees.getSourcePositions().getEndPosition(unit, tree) - 1;
        return unit.getLineMap().getLineNumber(position);
      }
    }.scan(unit, "");
    String path = root.relativize(Path.of(unit.getSourceFile().toUri())).toString().replace('\\', '/');
    return "{\"path\":\"" + path + "\",\"functions\":[" + String.join(",", found) + "]}";
  }
}
