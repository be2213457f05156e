// Runs truth.py in Pyodide, or evaluates an expression there:
//
//   node truth.mjs PYODIDE-FOLDER PACKAGES TRUTH.PY|EXPRESSION
//
// PACKAGES is mounted where Pyodide's own site-packages are.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, packages, program] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(resolve(folder, "pyodide.mjs")));
const pyodide = await loadPyodide({
  fsInit: async (FS, info) => {
    FS.mkdirTree(info.sitePackages);
    FS.mount(FS.filesystems.NODEFS, { root: packages }, info.sitePackages);
  },
});
if (program.endsWith(".py")) pyodide.runPython(readFileSync(program, "utf8"));
else console.log(String(pyodide.runPython(program)));
