#!/usr/bin/env python3
"""Each rule of tools/check goes red on a small bad tree, and stays green on a good one."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

TOOLS = pathlib.Path(__file__).resolve().parent.parent
GOOD = {
    "host/base/thing.hpp": '#pragma once\n\n#include <string>\n\nstd::string name();\n',
    "host/base/thing.cpp": '#include "base/thing.hpp"\n\n'
                           '// time(nullptr) and rand() in words are no calls\n'
                           'std::string name() { return "rand() sleep_for("; }\n',
    "host/json/value.hpp": '#pragma once\n\n#include "base/thing.hpp"\n',
    "sdk/include/sluice/abi.h": '#pragma once\n\ntypedef int sluice_number;\n',
}


class CheckTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        shutil.copy(TOOLS.parent / ".clang-format", self.root)
        shutil.copy(TOOLS.parent / ".clang-tidy", self.root)
        for name, text in GOOD.items():
            self.write(name, text)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def check(self, *arguments):
        done = subprocess.run([TOOLS / "check", "--root", self.root, *arguments], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120,
                              check=False)
        return done.returncode, done.stdout

    def green(self, *arguments):
        code, output = self.check(*arguments)
        self.assertEqual(code, 0, output)

    def red(self, where, rule, *arguments):
        """The rule complains about that place (file:line) and about nothing else."""
        code, output = self.check(rule, *arguments)
        problems = [line for line in output.splitlines() if line.endswith(f"[{rule}]")]
        self.assertEqual((code, len(problems)), (1, 1), output)
        self.assertTrue(problems[0].startswith(f"{where}: "), output)


class Rules(CheckTest):
    def test_a_good_tree_is_green(self):
        self.green("order", "forbidden", "size", "paths")

    def test_order_refuses_a_later_module(self):
        self.write("host/base/bad.cpp", '#include <string>\n#include "json/value.hpp"\n')
        self.red("host/base/bad.cpp:2", "order")

    def test_order_refuses_a_later_module_in_angle_brackets(self):
        self.write("host/base/bad.cpp", '#include <json/value.hpp>\n')
        self.red("host/base/bad.cpp:1", "order")

    def test_order_refuses_a_path_that_hides_the_module(self):
        self.write("host/base/bad.cpp", '#include "../json/value.hpp"\n')
        self.red("host/base/bad.cpp:1", "order")

    def test_order_refuses_an_unknown_module(self):
        self.write("host/misc/bad.cpp", '\n')
        self.red("host/misc/bad.cpp:1", "order")

    def test_order_keeps_host_and_connectors_apart(self):
        self.write("host/json/bad.cpp", '#include "sluice/connector.hpp"\n')
        self.red("host/json/bad.cpp:1", "order")
        self.write("host/json/bad.cpp", '#include "sluice/abi.h"\n')
        self.green("order")
        self.write("plugins/github/bad.cpp", '#include "base/thing.hpp"\n')
        self.red("plugins/github/bad.cpp:1", "order")

    def test_forbidden_refuses_each_kind(self):
        for line in ("auto t = std::chrono::system_clock::now();", "auto t = steady_clock::now();",
                     "auto t = time(nullptr);", "int r = std::rand();", "srand(1);",
                     "std::random_device device;", "std::this_thread::sleep_for(one);",
                     "std::thread worker(run);", "std::jthread worker(run);",
                     "auto x = std::async(run);", "pthread_create(&t, 0, run, 0);",
                     "int s = ::socket(2, 1, 0);", "auto e = getenv(\"HOME\");",
                     "if (fork() == 0) return;", "sqlite3_open(name, &db);",
                     "#include <boost/asio.hpp>", "#include <sqlite3.h>"):
            with self.subTest(line):
                self.write("host/json/bad.cpp", f"\n{line}\n")
                self.red("host/json/bad.cpp:2", "forbidden")

    def test_forbidden_leaves_seams_tests_and_names_alone(self):
        self.write("host/base/clock.cpp", "auto t = std::chrono::system_clock::now();\n")
        self.write("host/json/value_test.cpp", "auto t = std::chrono::steady_clock::now();\n")
        self.write("host/json/fine.cpp", "/* rand()\n srand() */ auto a = thing.time(0);\n"
                   "auto n = 1'000; auto id = std::this_thread::get_id();\n"
                   "auto s = R\"(rand())\"; task<> sleep(int); x->rand();\n")
        self.green("forbidden")

    def test_forbidden_allows_what_the_list_gives_a_reason_for(self):
        self.write("host/json/bad.cpp", "int r = rand();\n")
        self.write("tools/check-allow.txt", "# why\nrandom host/json/bad.cpp because of this\n")
        self.green("forbidden")
        self.write("tools/check-allow.txt", "random host/json/bad.cpp because\n"
                   "clock host/json/bad.cpp because\n")
        self.red("tools/check-allow.txt:2", "forbidden")
        self.write("tools/check-allow.txt", "random host/json/bad.cpp\n")
        self.red("tools/check-allow.txt:1", "forbidden")

    def test_size_refuses_a_long_file(self):
        self.write("host/json/long.cpp", "\n" * 600)
        self.green("size")
        self.write("host/json/long.cpp", "\n" * 601)
        self.red("host/json/long.cpp:600", "size")

    def test_paths_refuses_machines_and_registries(self):
        for text in ("cd /" + "home/someone/src", "see /" + "work/main/x",
                     '"resolved": "' + 'https://mirror.example/x.tgz"',
                     "registry" + "=https://mirror.example/",
                     "from registry" + ".npmjs.org"):
            with self.subTest(text):
                self.write("docs/page.md", f"\n{text}\n")
                self.red("docs/page.md:2", "paths")
        self.write("docs/page.md", "`mkdir -p build/work/x`, ${HOME}/work/x\n")
        self.green("paths")

    @unittest.skipUnless(shutil.which("clang-format-14"), "clang-format-14 is not installed")
    def test_format_refuses_another_layout(self):
        self.green("format")
        self.write("host/json/bad.cpp", "int f();\n\nint  g( ) ;\n")
        self.red("host/json/bad.cpp:3", "format")

    def test_headers_refuses_one_that_leans_on_others(self):
        self.green("headers")
        self.write("host/json/bad.hpp", "#pragma once\n\nstd::string f();\n")
        self.red("host/json/bad.hpp:1", "headers")

    def test_headers_refuses_one_that_cannot_be_included_twice(self):
        self.write("host/json/bad.hpp", "struct once {};\n")
        self.red("host/json/bad.hpp:1", "headers")

    def test_headers_refuses_an_abi_that_is_not_c(self):
        self.write("sdk/include/sluice/abi.h", "#pragma once\n\nenum class colour { red };\n")
        self.red("sdk/include/sluice/abi.h:1", "headers")

    @unittest.skipUnless(shutil.which("clang-tidy-14") and shutil.which("clang++-14"),
                         "clang-tidy-14 or clang-14 is not installed")
    def test_tidy_refuses_a_bug(self):
        self.write("CMakeLists.txt", "cmake_minimum_required(VERSION 3.25)\n"
                   "project(bad CXX)\nadd_library(bad host/json/bad.cpp)\n")
        self.write("host/json/bad.cpp", "\nint f(int badName) { return badName; }\n")
        self.red("host/json/bad.cpp:2", "tidy", "--all")
        self.write("host/json/bad.cpp", "\nint f(int good_name) { return good_name; }\n")
        self.green("tidy", "--all")


class Selection(CheckTest):
    """What is looked at in a git tree."""

    def git(self, *command):
        subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *command],
                       cwd=self.root, check=True, stdout=subprocess.DEVNULL)

    def test_changed_looks_at_new_and_modified_files_only(self):
        self.write("host/base/old.cpp", "int r = time(nullptr);\n")
        self.write("host/json/old.cpp", "int r = rand();\n")
        self.write(".gitignore", "/build/\n")
        self.git("init", "-q")
        self.git("add", ".")
        self.git("commit", "-q", "-m", "first")
        self.green("forbidden", "--changed", "HEAD")
        self.write("host/json/new.cpp", "int r = rand();\n")
        self.write("build/host/json/x.cpp", "int r = rand();\n")
        self.red("host/json/new.cpp:1", "forbidden", "--changed", "HEAD")

    def test_says_when_it_could_not_check(self):
        self.git("init", "-q")
        code, output = self.check("order", "--changed", "no-such-commit")
        self.assertEqual(code, 2, output)
        code, output = self.check("no-such-rule")
        self.assertEqual(code, 2, output)

    def test_looks_at_one_folder_when_asked(self):
        self.write("host/base/broken.hpp", "#pragma once\n\nunknown_type thing();\n")
        self.assertEqual(self.check("headers")[0], 1)
        self.assertEqual(self.check("headers", "--under", "sdk")[0], 0)


if __name__ == "__main__":
    unittest.main()
