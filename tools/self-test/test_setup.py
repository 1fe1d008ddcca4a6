#!/usr/bin/env python3
"""tools/setup with stand-ins for Debian's programs: what it would install, and how."""

import pathlib
import subprocess
import tempfile
import unittest

SETUP = pathlib.Path(__file__).parent.parent / "setup"


class Setup(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.bin = pathlib.Path(folder.name)
        self.log = self.bin / "calls"
        self.log.touch()
        for name in ("bash", "dirname", "basename", "grep", "env", "cat"):
            (self.bin / name).symlink_to(f"/usr/bin/{name}")
        for name in ("node", "npm"):
            self.stand_in(name, "")
        self.stand_in("apt-get", f'echo "apt-get $*" >> {self.log}')
        self.stand_in("id", "echo 0")
        self.lacking()

    def stand_in(self, name, body):
        path = self.bin / name
        path.write_text(f"#!/usr/bin/bash\n{body}\n")
        path.chmod(0o755)

    def lacking(self, *packages):
        """dpkg-query as on a machine with everything but these."""
        unknown = " ".join(packages)
        self.stand_in("dpkg-query", f"""
            code=0
            for package in "${{@:4}}"; do
                case " {unknown} " in
                    *" $package "*) code=1 ;;
                    *) echo "$package installed" ;;
                esac
            done
            exit $code""")

    def run_setup(self, *options):
        done = subprocess.run(["bash", SETUP, *options], env={"PATH": str(self.bin)}, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
                              check=False)
        return done.returncode, done.stdout, self.log.read_text().splitlines()

    def test_does_nothing_when_nothing_is_missing(self):
        self.assertEqual(self.run_setup(), (0, "setup: nothing is missing\n", []))

    def test_installs_only_what_is_missing(self):
        self.lacking("cmake", "libonig-dev")
        code, output, calls = self.run_setup()
        self.assertEqual(code, 0, output)
        self.assertEqual([call.split()[3:] for call in calls],
                         [["update"],
                          ["install", "--no-install-recommends", "cmake", "libonig-dev"]])
        self.assertIn("cmake libonig-dev", output)

    def test_uses_sudo_when_not_root(self):
        self.lacking("cmake")
        self.stand_in("id", "echo 1000")
        self.stand_in("sudo", f'echo sudo >> {self.log}; exec "$@"')
        code, output, calls = self.run_setup()
        self.assertEqual((code, calls.count("sudo"), len(calls)), (0, 2, 4), output)

    def test_says_what_is_missing_when_it_may_not_install(self):
        self.lacking("cmake")
        self.stand_in("id", "echo 1000")
        code, output, calls = self.run_setup()
        self.assertEqual((code, calls), (1, []))
        self.assertIn("cmake", output)

    def test_takes_debians_node_only_when_there_is_none(self):
        (self.bin / "npm").unlink()
        self.lacking("nodejs", "npm")
        self.assertTrue(self.run_setup()[2][-1].endswith(" nodejs npm"))

    def test_installs_the_peers_of_the_benchmark_when_asked(self):
        self.lacking("wrk")
        self.assertEqual(self.run_setup()[2], [])
        self.assertTrue(self.run_setup("--bench")[2][-1].endswith(" wrk"))

    def test_fails_when_the_installation_fails(self):
        self.lacking("cmake")
        self.stand_in("apt-get", "exit 100")
        self.assertNotEqual(self.run_setup()[0], 0)


if __name__ == "__main__":
    unittest.main()
