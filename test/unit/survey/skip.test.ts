import { describe, expect, it } from "vitest";
import { languageOfPath } from "../../../core/survey/detect.ts";
import { isTestPath, isVendoredPath } from "../../../core/survey/skip.ts";

const isTest = (path: string): boolean => isTestPath(path, languageOfPath(path));

describe("isTestPath", () => {
  it.each([
    "a/tests/helpers.py",
    "src/__tests__/a.ts",
    "test/a.py",
    "spec/models/a.rb",
    "specs/a.js",
    "pkg/test_a.py",
    "pkg/a_test.py",
    "pkg/conftest.py",
    "app/tests.py",
    "src/a.test.ts",
    "src/a.spec.jsx",
    "src/a.test.mjs",
    "pkg/a_test.go",
    "pkg/testdata/a.go",
    "src/main/java/FooTest.java",
    "src/test/java/Helper.java",
    "app/src/androidTest/kotlin/Helper.kt",
    "src/FooTests.cs",
    "Acme.Tools.Tests/Helper.cs",
    "lib/a_spec.rb",
    "lib/a_test.rb",
    "src/FooTest.php",
    "src/Component/Tests/Helper.php",
    "src/tests.rs",
    "lib/a_unittest.cc",
    "lib/test_a.c",
    "src/FooSpec.kt",
  ])("%s is a test", (path) => {
    expect(isTest(path)).toBe(true);
  });

  it.each([
    "django/test/client.py",
    "contests/a.py",
    "src/contest.py",
    "src/latest.ts",
    "lib/rspec/spec/runner.rb",
    "src/testing/a.go",
    "src/attest_a.py",
    "src/Contest.java",
    "src/Latest.cs",
    "django/core/management/commands/test.py",
    "src/test.ts",
    "src/attestation/A.cs",
  ])("%s is library code", (path) => {
    expect(isTest(path)).toBe(false);
  });
});

describe("isVendoredPath", () => {
  it.each(["node_modules/a/b.js", "x/vendor/a.go", "pip/_vendor/a.py", "third_party/a.cc"])("%s is vendored", (path) => {
    expect(isVendoredPath(path)).toBe(true);
  });
  it.each(["src/vendors/a.go", "vendor.py", "src/vendor.ts", "third_party.c"])("%s is not", (path) => {
    expect(isVendoredPath(path)).toBe(false);
  });
});
