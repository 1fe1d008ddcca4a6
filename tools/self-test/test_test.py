#!/usr/bin/env python3
"""tools/test on a tree of its own: what it runs, and when it fails."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

TOOLS = pathlib.Path(__file__).resolve().parent.parent
PRESETS = """{"version": 6, "configurePresets": [
  {"name": "dev", "generator": "Ninja", "binaryDir": "${sourceDir}/build/${presetName}"},
  {"name": "other", "inherits": "dev"}]}"""
PROJECT = """cmake_minimum_required(VERSION 3.25)
project(small LANGUAGES NONE)
enable_testing()
add_test(NAME good COMMAND ${CMAKE_COMMAND} -E true)
add_test(NAME slow_one COMMAND ${CMAKE_COMMAND} -E true)
set_tests_properties(slow_one PROPERTIES LABELS slow)
"""
BAD = "add_test(NAME bad COMMAND ${CMAKE_COMMAND} -E cat no-such-file-of-the-bad-test)\n"


class Test(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "tools").mkdir()
        for name in ("test", "common.sh"):
            shutil.copy(TOOLS / name, self.root / "tools")
        self.program("tools/setup", "echo setup was run")
        (self.root / "CMakePresets.json").write_text(PRESETS)
        self.project(PROJECT)

    def project(self, text):
        (self.root / "CMakeLists.txt").write_text(text)

    def program(self, name, body):
        path = self.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/usr/bin/env bash\n{body}\n")
        path.chmod(0o755)

    def run_test(self, *options):
        environment = {**os.environ, "PATH": f"{self.root}/bin:{os.environ['PATH']}"}
        done = subprocess.run([self.root / "tools/test", *options], text=True, timeout=100,
                              cwd="/", env=environment, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        return done.returncode, done.stdout

    def test_sets_up_and_runs_everything(self):
        code, output = self.run_test()
        self.assertEqual(code, 0, output)
        self.assertIn("setup was run", output)
        self.assertIn("100% tests passed, 0 tests failed out of 2", output)

    def test_fails_and_shows_why_when_a_test_fails(self):
        self.project(PROJECT + BAD)
        code, output = self.run_test()
        self.assertNotEqual(code, 0, output)
        self.assertIn("no-such-file-of-the-bad-test", output)
        self.assertIn("1 tests failed out of 3", output)

    def test_fails_when_nothing_matches(self):
        code, output = self.run_test("--filter", "no_such_test")
        self.assertNotEqual(code, 0)
        self.assertIn("no test matches: -R no_such_test", output)
        self.project("cmake_minimum_required(VERSION 3.25)\nproject(small LANGUAGES NONE)\n")
        code, output = self.run_test("--preset", "other")
        self.assertNotEqual(code, 0)
        self.assertIn("no test matches: the build registered none", output)

    def test_fails_when_setup_or_the_build_fails(self):
        self.project(PROJECT + "add_custom_target(broken ALL COMMAND false)\n")
        self.assertNotEqual(self.run_test()[0], 0)
        self.project(PROJECT)
        self.program("tools/setup", "exit 1")
        self.assertNotEqual(self.run_test()[0], 0)

    def test_quick_filter_preset_and_list(self):
        self.assertIn("out of 1", self.run_test("--quick")[1])
        self.assertIn("out of 1", self.run_test("--filter", "^good$", "--preset", "other")[1])
        self.assertTrue((self.root / "build/other").exists())
        code, output = self.run_test("--list")
        self.assertEqual((code, "slow_one" in output, "Passed" in output), (0, True, False))
        self.assertNotEqual(self.run_test("--fast")[0], 0)

    def test_installs_javascript_packages_when_the_lock_is_newer(self):
        lock = self.root / "tests/node/package-lock.json"
        lock.parent.mkdir(parents=True)
        lock.touch()
        self.program("bin/npm", "echo npm $*; mkdir -p node_modules;"
                     " touch node_modules/.package-lock.json")
        self.assertIn("npm ci", self.run_test("--list")[1])
        self.assertNotIn("npm ci", self.run_test("--list")[1])
        installed = (lock.parent / "node_modules/.package-lock.json").stat().st_mtime
        os.utime(lock, (installed + 1, installed + 1))
        self.assertIn("npm ci", self.run_test("--list")[1])


if __name__ == "__main__":
    unittest.main()
